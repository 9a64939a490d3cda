import { expect, test } from "vitest";
import { fullJitter, retryInPlace, withDeadline } from "./retry.ts";

test("waits from 0 up to a ceiling that doubles from 100 ms to 3 s", () => {
  const ceilings = [100, 200, 400, 800, 1_600, 3_000, 3_000];
  for (const [index, ceiling] of ceilings.entries()) {
    const waits = Array.from({ length: 500 }, () => fullJitter(index + 1));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(ceiling);
    // Spread over the whole range: half of all waits lie below the middle.
    const below = waits.filter((wait) => wait < ceiling / 2).length;
    expect(below).toBeGreaterThan(150);
    expect(below).toBeLessThan(350);
  }
  expect(fullJitter(10_000)).toBeLessThanOrEqual(3_000);
});

test("repeats work after a transient failure and stops at a lasting one", async () => {
  let asked = 0;
  const work = async () => {
    asked++;
    if (asked < 3) throw new Error("passing");
    throw new Error("lasting");
  };
  const isTransient = (error: unknown) => error instanceof Error && error.message === "passing";
  const signal = new AbortController().signal;
  await expect(retryInPlace(work, { isTransient, signal })).rejects.toThrow("lasting");
  expect(asked).toBe(3);
});

test("an abort ends the retries, also during a wait", async () => {
  const abort = new AbortController();
  const work = () => Promise.reject(new Error("passing"));
  const retries = retryInPlace(work, {
    isTransient: () => true,
    signal: abort.signal,
    onRetry: () => abort.abort(),
  });
  await expect(retries).rejects.toThrow(/abort/i);
});

test("a deadline rejects work that never settles and passes on the result of work that does", async () => {
  await expect(withDeadline(new Promise(() => {}), 0.01, "The moon")).rejects.toThrow(
    "The moon did not answer within 0.01 s",
  );
  await expect(withDeadline(Promise.resolve(1), 60, "The moon")).resolves.toBe(1);
});
