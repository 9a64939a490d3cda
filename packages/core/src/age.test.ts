import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startAge } from "./age.ts";

const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("an age grows although the clock is set back by an hour", () => {
  const age = startAge();
  vi.setSystemTime(Date.now() - HOUR);
  vi.advanceTimersByTime(5_000);
  expect(age()).toBe(5_000);
});

test("an age includes an hour in which the process was frozen and the monotonic clock stood still", () => {
  const age = startAge();
  vi.setSystemTime(Date.now() + HOUR);
  vi.advanceTimersByTime(5_000);
  expect(age()).toBe(HOUR + 5_000);
});
