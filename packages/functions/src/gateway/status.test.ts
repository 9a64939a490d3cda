import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStatus } from "./status.ts";

const NOBODY = "http://127.0.0.1:1";
const HOUR = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["a correct clock", 0],
  ["a clock that was set back by an hour", -HOUR],
])("the components are asked once in five seconds, by %s", async (_, offset) => {
  let asked = 0;
  const countWaiting = async () => ++asked;
  const queue = { enqueue: async () => {}, countWaiting };
  const status = createStatus({ inventoryUrl: NOBODY, billingUrl: NOBODY, queue });
  await Promise.all([status(), status()]);
  vi.setSystemTime(Date.now() + offset);
  vi.advanceTimersByTime(5_000);
  await status();
  expect(asked).toBe(LANE_NAMES.length);
  vi.advanceTimersByTime(1);
  await status();
  expect(asked).toBe(2 * LANE_NAMES.length);
});
