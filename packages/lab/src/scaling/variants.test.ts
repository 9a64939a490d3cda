import { expect, test } from "vitest";
import type { Policy, Service } from "./target-tracking.ts";
import { variantsOf } from "./variants.ts";

const cooldowns = { scaleOutCooldownSeconds: 300, scaleInCooldownSeconds: 300 };
const POLICIES: Policy[] = [
  { metric: "processor", target: 60, ...cooldowns },
  { metric: "requests", target: 12_000, ...cooldowns },
];
const SERVICE: Service = { min: 2, max: 6, taskMsPerSecond: 250, policies: POLICIES };
/** A quarter of an hour at 300 requests a second, then at 1,200, of half a millisecond each. */
const LOAD = { perSecond: [...Array(15).fill(300), ...Array(15).fill(1_200)], requestMs: 0.5 };
const [half, asSet, more, cooldown, another] = variantsOf(SERVICE, LOAD);

test("each variant is named for what it changes", () => {
  expect([half, asSet, more, cooldown, another].map((variant) => variant?.name)).toEqual([
    "30 %, 6,000 a minute",
    "60 %, 12,000 a minute",
    "90 %, 18,000 a minute",
    "as set, a cooldown of 60 s",
    "as set, at least 3 tasks",
  ]);
});

test("task-hours are the minutes of all running tasks", () => {
  // Two tasks until three values are over the target and one minute has passed, in minute 19; then six.
  expect(asSet?.taskHours).toBeCloseTo((19 * 2 + 11 * 6) / 60);
  expect(asSet?.tasksMax).toBe(6);
});

test("callers give up while two tasks serve 1,000 of 1,200 a second, and wait for 3 s at most", () => {
  // 200 a second too many in four minutes, of which 3,000 wait until the six tasks take them.
  const all = 15 * 60 * 300 + 15 * 60 * 1_200;
  expect(asSet?.tooLateShare).toBeCloseTo((4 * 60 * 200 - 3_000) / all);
  expect(asSet?.waitSecondsMax).toBeCloseTo(3);
});

test("lower targets and more tasks at rest cost more, and lose less", () => {
  expect(half?.taskHours).toBeGreaterThan(asSet?.taskHours ?? 0);
  expect(more?.taskHours).toBeLessThan(asSet?.taskHours ?? 0);
  expect(another?.taskHours).toBeGreaterThan(asSet?.taskHours ?? 0);
  expect([half?.tooLateShare, another?.tooLateShare]).toEqual([0, 0]);
});
