import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startAge } from "./age.ts";

const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("an age grows while the clock is set back by an hour", () => {
  const age = startAge();
  vi.setSystemTime(Date.now() - HOUR);
  vi.advanceTimersByTime(5_000);
  expect(age()).toBe(5_000);
});

test("an age grows by the hour for which the process was frozen, whatever the monotonic clock says", () => {
  const age = startAge();
  vi.setSystemTime(Date.now() + HOUR);
  vi.advanceTimersByTime(5_000);
  expect(age()).toBe(HOUR + 5_000);
});
