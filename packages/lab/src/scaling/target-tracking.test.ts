import { describe, expect, it, test } from "vitest";
import { type Policy, type Service, simulate } from "./target-tracking.ts";

const POLICY: Policy = {
  metric: "processor",
  target: 50,
  scaleOutCooldownSeconds: 300,
  scaleInCooldownSeconds: 300,
};
/** A task does 100 requests of 10 ms in a second. */
const SERVICE: Service = { min: 1, max: 10, taskMsPerSecond: 1_000, policies: [POLICY] };

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

test("requests wait while the tasks have no time left, for 3 s at most: then their callers give up", () => {
  const fixed = { ...SERVICE, max: 1 };
  // 101 a second where 100 are served: 60 more wait after each minute; 300 are three seconds of work.
  const passed = simulate(fixed, minutes([7, 101]), 10);
  expect(passed.map(({ waiting }) => waiting)).toEqual([60, 120, 180, 240, 300, 300, 300]);
  expect(passed.map(({ tooLate }) => tooLate)).toEqual([0, 0, 0, 0, 0, 60, 60]);
  expect(passed.at(-1)?.waitSeconds).toBe(3);
});

test("a fleet with time to spare works off what waits", () => {
  const passed = simulate({ ...SERVICE, max: 1 }, minutes([1, 102], [2, 99]), 10);
  expect(passed.map(({ waiting }) => waiting)).toEqual([120, 60, 0]);
});

test("it begins with the tasks that the first minute needs by the policy that asks for most", () => {
  const requests: Policy = { ...POLICY, metric: "requests", target: 1_000 };
  expect(tasksOver({ ...SERVICE, policies: [POLICY, requests] }, [100])).toEqual([6]);
  expect(tasksOver(SERVICE, [10])).toEqual([1]);
  expect(tasksOver(SERVICE, [10_000])).toEqual([10]);
});
