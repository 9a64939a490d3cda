import { expect, test } from "vitest";
import type { Policy, Service } from "./target-tracking.ts";
import { rushOf, secondsUntil, variantsOf } from "./variants.ts";

const cooldowns = { scaleOutCooldownSeconds: 300, scaleInCooldownSeconds: 300 };
const POLICIES: Policy[] = [
  { metric: "processor", target: 60, ...cooldowns },
  { metric: "requests", target: 12_000, ...cooldowns },
];
const SERVICE: Service = { min: 2, max: 6, taskMsPerSecond: 250, policies: POLICIES, stepPolicies: [] };
/** A quarter of an hour at 300 requests a second, then at 1,200, of half a millisecond each. */
const LOAD = { perSecond: [...Array(15).fill(300), ...Array(15).fill(1_200)], requestMs: 0.5 };
const [half, asSet, more, cooldown, another, without] = variantsOf(SERVICE, LOAD);

test("each variant is named for what it changes", () => {
  expect([half, asSet, more, cooldown, another, without].map((variant) => variant?.name)).toEqual([
    "30 %, 6,000 a minute",
    "60 %, 12,000 a minute",
    "90 %, 18,000 a minute",
    "as set, a cooldown of 60 s",
    "as set, at least 3 tasks",
    "as set, without its steps for a rush",
  ]);
});

test("task-hours are the minutes of all running tasks", () => {
  // Two tasks until three values are over the target and one minute has passed, in minute 19; then six.
  expect(asSet?.taskHours).toBeCloseTo((19 * 2 + 11 * 6) / 60);
  expect(asSet?.tasksMax).toBe(6);
});

test("requests are refused while two tasks serve 1,000 of 1,200 a second, and wait for 1 s at most", () => {
  // 200 a second too many in four minutes, of which 1,000 wait until the six tasks take them.
  const all = 15 * 60 * 300 + 15 * 60 * 1_200;
  expect(asSet?.refusedShare).toBeCloseTo((4 * 60 * 200 - 1_000) / all);
  expect(asSet?.waitSecondsMax).toBeCloseTo(1);
});

test("lower targets and more tasks at rest cost more, and lose less", () => {
  expect(half?.taskHours).toBeGreaterThan(asSet?.taskHours ?? 0);
  expect(more?.taskHours).toBeLessThan(asSet?.taskHours ?? 0);
  expect(another?.taskHours).toBeGreaterThan(asSet?.taskHours ?? 0);
  expect([half?.refusedShare, another?.refusedShare]).toEqual([0, 0]);
});

test("a rush is ten times the load within 30 s, and steps bring the tasks two minutes earlier", () => {
  const { risesAt, ...rush } = rushOf(1_200, 0.5);
  expect(rush.perSecond.slice(risesAt - 1, risesAt + 2)).toEqual([120, 930, 1_200]);
  const steps = [
    { above: 0, percent: 100 },
    { above: 12_000, percent: 200 },
  ];
  const stepPolicies = [
    { metric: "requests", threshold: 24_000, periods: 1, cooldownSeconds: 300, steps },
  ] as const;
  const [, stepped, , , , tracked] = variantsOf({ ...SERVICE, stepPolicies }, rush);
  if (!stepped || !tracked) throw new Error("There are no such variants.");
  // 930 a second are 27,900 for each of two tasks: four run after one value, six after the next.
  expect([3, 4, 5, 6, 7].map((tasks) => secondsUntil(stepped, tasks, risesAt))).toEqual([
    120,
    120,
    180,
    180,
    undefined,
  ]);
  expect([3, 6].map((tasks) => secondsUntil(tracked, tasks, risesAt))).toEqual([240, 240]);
});
