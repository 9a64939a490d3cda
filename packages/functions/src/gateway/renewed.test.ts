import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renewed } from "./renewed.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const AGE_SECONDS = 300;

/** What is made is how often it was made. */
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

test("a value serves until it is too old, also those who ask at once", async () => {
  const { value } = counted();
  expect(await Promise.all([value(), value()])).toEqual([1, 1]);
  vi.advanceTimersByTime(AGE_SECONDS * 1_000 - 1);
  expect(await value()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(await Promise.all([value(), value()])).toEqual([2, 2]);
});

test("a value that slept through its life in a frozen process is made again, though the monotonic clock stood still", async () => {
  const { value } = counted();
  expect(await value()).toBe(1);
  vi.setSystemTime(Date.now() + AGE_SECONDS * 1_000);
  expect(await value()).toBe(2);
});

test("a value is no younger for a clock that was set back by an hour", async () => {
  const { value } = counted();
  expect(await value()).toBe(1);
  vi.setSystemTime(Date.now() - 3_600_000);
  vi.advanceTimersByTime(AGE_SECONDS * 1_000);
  expect(await value()).toBe(2);
});

test("the value before serves on while no other can be made, and somebody is told", async () => {
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

test("without a value before, the failure is the caller's, and the next one tries again", async () => {
  const { state, failures, value } = counted();
  state.isFailing = true;
  await expect(value()).rejects.toThrow("Not now.");
  state.isFailing = false;
  expect(await value()).toBe(1);
  expect(failures).toEqual([]);
});
