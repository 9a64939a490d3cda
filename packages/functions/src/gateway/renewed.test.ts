import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renewed } from "./renewed.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const AGE_SECONDS = 300;

/** A value that counts how often it was made. */
function counted() {
  const failures: unknown[] = [];
  const state = { made: 0, isFailing: false };
  const make = async () => {
    if (state.isFailing) throw new Error("Not now.");
    state.made += 1;
    return state.made;
  };
  const onFailure = (error: unknown) => failures.push(error);
  return { state, failures, value: renewed(make, { everySeconds: AGE_SECONDS, onFailure }) };
}

test("a value is reused until it is too old, and shared by concurrent callers", async () => {
  const { value } = counted();
  expect(await Promise.all([value(), value()])).toEqual([1, 1]);
  vi.advanceTimersByTime(AGE_SECONDS * 1_000 - 1);
  expect(await value()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await Promise.all([value(), value()])).toEqual([2, 2]);
});

test("a value that expired in a frozen process is made again, although the monotonic clock stood still", async () => {
  const { value } = counted();
  expect(await value()).toBe(1);
  vi.setSystemTime(Date.now() + AGE_SECONDS * 1_000);
  expect(await value()).toBe(2);
});

test("a clock set back by an hour does not make a value younger", async () => {
  const { value } = counted();
  expect(await value()).toBe(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(AGE_SECONDS * 1_000);
  expect(await value()).toBe(2);
});

test("the previous value stays in use while making a new one fails, and onFailure is called", async () => {
  const { state, failures, value } = counted();
  await value();
  state.isFailing = true;
  vi.advanceTimersByTime(AGE_SECONDS * 1_000);
  expect(await value()).toBe(1);
  expect(failures).toEqual([new Error("Not now.")]);
  state.isFailing = false;
  expect(await value()).toBe(1);
  vi.advanceTimersByTime(AGE_SECONDS * 1_000);
  expect(await value()).toBe(2);
});

test("without a previous value the call rejects, and the next one tries again", async () => {
  const { state, failures, value } = counted();
  state.isFailing = true;
  await expect(value()).rejects.toThrow("Not now.");
  state.isFailing = false;
  expect(await value()).toBe(1);
  expect(failures).toEqual([]);
});
