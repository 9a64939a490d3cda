import { describe, expect, it, test } from "vitest";
import { type Policy, type Service, type StepPolicy, simulate } from "./target-tracking.ts";

const POLICY: Policy = {
  metric: "processor",
  target: 50,
  scaleOutCooldownSeconds: 300,
  scaleInCooldownSeconds: 300,
};
/** A task does 100 requests of 10 ms in a second. */
const SERVICE: Service = { min: 1, max: 10, taskMsPerSecond: 1_000, policies: [POLICY], stepPolicies: [] };

const minutes = (...parts: [count: number, perSecond: number][]) =>
  parts.flatMap(([count, perSecond]) => Array.from({ length: count }, () => perSecond));
const tasksOver = (service: Service, load: number[]) => simulate(service, load, 10).map(({ tasks }) => tasks);

describe("scaling out", () => {
  it("comes after three values over the target and a minute of start, as far as the metric asks for", () => {
    // 40 a second are 40 % of a task; 80 are 80 %, and 80 / 50 of a task make two.
    expect(tasksOver(SERVICE, minutes([2, 40], [5, 80]))).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });

  it("does not come after two values", () => {
    expect(tasksOver(SERVICE, minutes([2, 40], [2, 80], [6, 40]))).toEqual(Array(10).fill(1));
  });

  it("ends at the maximum", () => {
    const service = {
      ...SERVICE,
      max: 2,
      policies: [{ ...POLICY, metric: "requests" as const, target: 1_000 }],
    };
    expect(tasksOver(service, minutes([1, 10], [6, 100])).at(-1)).toBe(2);
  });

  it("follows requests beyond what the tasks can do, but the CPU only up to 100 %", () => {
    const load = minutes([1, 40], [6, 400]);
    expect(tasksOver(SERVICE, load).at(-1)).toBe(2); // 100 / 50
    const byRequests = { ...SERVICE, policies: [{ ...POLICY, metric: "requests" as const, target: 3_000 }] };
    expect(tasksOver(byRequests, load).at(-1)).toBe(8); // 24,000 / 3,000
  });

  it("within the cooldown adds only what exceeds the last increase", () => {
    // Saturated, each decision asks for twice the running tasks, and they run two minutes later: 1, 2, 4, 8.
    const load = minutes([1, 40], [12, 790]);
    const without = { ...SERVICE, policies: [{ ...POLICY, scaleOutCooldownSeconds: 0 }] };
    expect(tasksOver(without, load)).toEqual([1, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 10, 10]);
    // In minute 5, two running tasks ask for two more: 1 + 2 make three. In minute 8 the cooldown is over: 3 x 2 make six.
    expect(tasksOver(SERVICE, load)).toEqual([1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 9]);
  });
});

describe("a step policy", () => {
  const rush: StepPolicy = {
    metric: "requests",
    threshold: 6_000,
    periods: 1,
    cooldownSeconds: 300,
    steps: [
      { above: 0, percent: 50 },
      { above: 6_000, percent: 200 },
    ],
  };
  const service = { ...SERVICE, min: 2, policies: [], stepPolicies: [rush] };

  it("adds tasks after one value, by the step in which it lies", () => {
    // 200 a second are 6,000 a minute for each of two tasks; 400 are 12,000.
    expect(tasksOver(service, minutes([1, 20], [3, 200]))).toEqual([2, 2, 2, 3]);
    expect(tasksOver(service, minutes([1, 20], [3, 400]))).toEqual([2, 2, 2, 6]);
    expect(tasksOver(service, minutes([1, 20], [5, 199]))).toEqual(Array(6).fill(2));
  });

  it("within the cooldown adds only what exceeds the last increase, and never removes a task", () => {
    expect(tasksOver(service, minutes([1, 20], [1, 200], [4, 400]))).toEqual([2, 2, 2, 3, 6, 6]);
    expect(tasksOver(service, minutes([1, 20], [1, 400], [3, 20])).at(-1)).toBe(6);
  });
});

describe("scaling in", () => {
  it("comes after fifteen values below nine tenths of the target, one task after the cooldown of the other", () => {
    const tasks = tasksOver(SERVICE, minutes([1, 150], [30, 40]));
    expect(tasks.lastIndexOf(3)).toBe(15); // values 1 to 15 are low
    expect(tasks.lastIndexOf(2)).toBe(20); // five minutes later
    expect(tasks.at(-1)).toBe(1);
  });

  it("does not come between nine tenths of the target and the target", () => {
    // 138 a second are 46 % of three tasks, and 45 % would allow it.
    expect(tasksOver(SERVICE, minutes([1, 150], [40, 138])).at(-1)).toBe(3);
  });

  it("does not bring the metric over its target", () => {
    // 132 a second are 44 % of three tasks, and would be 66 % of two.
    expect(tasksOver(SERVICE, minutes([1, 150], [40, 132])).at(-1)).toBe(3);
  });

  it("waits until every policy allows it", () => {
    const requests: Policy = { ...POLICY, metric: "requests", target: 1_000 };
    const both = { ...SERVICE, policies: [POLICY, requests] };
    // 50 a second are 3,000 a minute: three tasks by requests, one by CPU.
    expect(tasksOver(both, minutes([40, 50])).at(-1)).toBe(3);
  });

  it("ends at the minimum", () => {
    expect(tasksOver({ ...SERVICE, min: 2 }, minutes([1, 200], [60, 1])).at(-1)).toBe(2);
  });
});

test("requests wait while the tasks have no time left, for 1 s at most: further ones are refused", () => {
  const fixed = { ...SERVICE, max: 1 };
  // 100.5 a second where 100 are served: 30 more wait after each minute; 100 are one second of work.
  const passed = simulate(fixed, minutes([5, 100.5]), 10);
  expect(passed.map(({ waiting }) => waiting)).toEqual([30, 60, 90, 100, 100]);
  expect(passed.map(({ refused }) => refused)).toEqual([0, 0, 0, 20, 30]);
  expect(passed.at(-1)?.waitSeconds).toBe(1);
});

test("a fleet with time to spare works off what waits", () => {
  const passed = simulate({ ...SERVICE, max: 1 }, minutes([1, 101], [2, 99.5]), 10);
  expect(passed.map(({ waiting }) => waiting)).toEqual([60, 30, 0]);
});

test("it begins with the tasks that the first minute needs by the policy that asks for most", () => {
  const requests: Policy = { ...POLICY, metric: "requests", target: 1_000 };
  expect(tasksOver({ ...SERVICE, policies: [POLICY, requests] }, [100])).toEqual([6]);
  expect(tasksOver(SERVICE, [10])).toEqual([1]);
  expect(tasksOver(SERVICE, [10_000])).toEqual([10]);
});
