import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGate } from "./gate.ts";

test("at most so many run at the same time, in order, also after a failure", async () => {
  const enter = createGate({ runningMax: 2, waitingMax: 0, waitSeconds: 0 });
  const works = [0, 1, 2, 3, 4].map(() => Promise.withResolvers<number>());
  const started: number[] = [];
  const results = works.map(({ promise }, index) =>
    enter(() => {
      started.push(index);
      return promise;
    }),
  );
  expect(started).toEqual([0, 1]);
  works[1]?.reject(new Error("one that fails"));
  await expect(results[1]).rejects.toThrow("one that fails");
  expect(started).toEqual([0, 1, 2]);
  for (const { resolve } of works) resolve(7);
  await Promise.all([results[0], ...results.slice(2)]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
  expect(await enter(async () => "again")).toBe("again");
});

describe("an asker", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** One that runs until `end`, and what waits behind it. */
  function busyGate(limits = { waitingMax: 2, waitSeconds: 3 }) {
    const enter = createGate({ runningMax: 1, ...limits });
    const { promise, resolve: end } = Promise.withResolvers<void>();
    const first = enter(() => promise);
    const begun: string[] = [];
    const begin = (name: string) => async () => void begun.push(name);
    const ask = (name: string, signal = new AbortController().signal) => enter(begin(name), { signal });
    return { enter, first, end, begun, begin, ask };
  }

  test("is refused at once while as many wait as may, and other work waits nevertheless", async () => {
    const { enter, first, end, begun, begin, ask } = busyGate();
    const admitted = [ask("one"), enter(begin("a batch"))];
    await expect(ask("two")).rejects.toMatchObject({ reason: "full" });
    admitted.push(enter(begin("another batch")));
    end();
    await Promise.all([first, ...admitted]);
    expect(begun).toEqual(["one", "a batch", "another batch"]);
    await ask("after it");
    expect(begun.at(-1)).toBe("after it");
  });

  test("is refused after the longest wait, and then leaves a place", async () => {
    const { enter, first, end, begun, begin, ask } = busyGate({ waitingMax: 1, waitSeconds: 3 });
    const late = expect(ask("late")).rejects.toMatchObject({ reason: "late" });
    await vi.advanceTimersByTimeAsync(2_999);
    await expect(ask("too early")).rejects.toMatchObject({ reason: "full" });
    await vi.advanceTimersByTimeAsync(1);
    await late;
    const next = ask("next");
    const batch = enter(begin("a batch"));
    end();
    await Promise.all([first, next, batch]);
    // Nothing fires later either.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toEqual(["next", "a batch"]);
  });

  test("who has gone takes no turn", async () => {
    const { first, end, begun, ask } = busyGate();
    const leaving = new AbortController();
    const left = expect(ask("left", leaving.signal)).rejects.toMatchObject({ reason: "gone" });
    const stays = ask("stays");
    leaving.abort();
    await left;
    await expect(ask("left before", leaving.signal)).rejects.toMatchObject({ reason: "gone" });
    end();
    await Promise.all([first, stays]);
    expect(begun).toEqual(["stays"]);
  });
});
