import { describe, expect, it, test } from "vitest";
import { isGeneratorLimit, percentilesOf, reportOf } from "./figures.ts";
import type { Mark, Sample } from "./generator.ts";
import { failureLines, limitLines, orderLine, describe as textOf } from "./report.ts";

const PHASES = [
  { name: "before", perSecond: 2, seconds: 10 },
  { name: "spike", perSecond: 4, seconds: 10 },
];
const mark = (atMs: number, used: number, busyMs: number): Mark => ({
  atMs,
  machineSeconds: 4 * used,
  parts: new Map([["gateway", { processorSeconds: 2 * used, megabytes: 100 + used }]]),
  generator: {
    processorSeconds: used,
    eventLoop: { active: busyMs, idle: atMs - busyMs, utilization: atMs === 0 ? 0 : busyMs / atMs },
  },
});
const sample = (phase: number, waitMs: number, others: Partial<Sample> = {}): Sample => ({
  kind: "movie",
  phase,
  dueMs: phase * 10_000,
  lateMs: 0,
  waitMs,
  ...others,
});
const SAMPLES = [
  sample(0, 10),
  sample(0, 30),
  sample(0, 1, { kind: "order", error: "503 unavailable" }),
  sample(1, 100, { lateMs: 60 }),
  sample(1, 200),
];

function report(marks: Mark[], lost: string[] = []) {
  return reportOf({
    about: {
      scenario: "spike",
      target: "npm start",
      startedAt: "2026-11-30T10:00:00Z",
      seed: 1,
      isComplete: true,
    },
    phases: PHASES,
    measured: { samples: SAMPLES, marks },
    accepted: 3,
    followed: { recorded: 2, rejected: 1, lost, waits: [40, 60] },
  });
}
const WHOLE = report([mark(0, 0, 0), mark(10_000, 1, 1_000), mark(20_000, 3, 2_000)]);

test("percentiles are the values at their ranks, and null without a value", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentilesOf(hundred)).toEqual({ p50: 50, p95: 95, p99: 99 });
  expect(percentilesOf([])).toEqual({ p50: null, p95: null, p99: null });
});

describe("the figures of a phase", () => {
  it("leave the waits of failures out, which are counted by their problem", () => {
    const [before] = WHOLE.phases;
    expect(before?.all).toEqual({ sent: 3, failed: 1, p50: 10, p95: 30, p99: 30 });
    expect(before?.kinds.order).toEqual({ sent: 1, failed: 1, p50: null, p95: null, p99: null });
    expect(failureLines(WHOLE)).toEqual(["before: 1 x 503 unavailable"]);
  });

  it("have the processor time between its two marks, and the memory at its end", () => {
    expect(WHOLE.phases.map(({ parts }) => parts.gateway)).toEqual([
      { processorPercent: 20, megabytes: 101 },
      { processorPercent: 40, megabytes: 103 },
    ]);
    // 4 s of the machine less 2 s of the gateway and 1 s of the generator, in 10 s; twice as much in the second phase.
    expect(WHOLE.phases.map(({ othersPercent }) => othersPercent)).toEqual([10, 20]);
  });

  it("count a part from 0 after it was started again", () => {
    const again = report([mark(0, 5, 0), mark(10_000, 1, 1_000)]);
    expect(again.phases[0]?.parts.gateway?.processorPercent).toBe(0);
  });

  it("are those until the interruption when there was one", () => {
    const interrupted = report([mark(0, 0, 0), mark(4_000, 1, 400)]);
    expect(interrupted.phases.map(({ name, seconds }) => [name, seconds])).toEqual([["before", 4]]);
  });
});

describe("the generator was the limit", () => {
  it.each([
    [0.01, 0.9, false],
    [0.011, 0.1, true],
    [0, 0.91, true],
  ])(
    "with %f of the requests late and an event loop busy for %f of the time: %j",
    (lateShare, busyShare, isLimit) => {
      expect(isGeneratorLimit({ lateShare, busyShare })).toBe(isLimit);
    },
  );

  it("in the phase in which it sent late, and the report says so", () => {
    expect(limitLines(WHOLE)).toEqual([
      "spike: 50.0 % of the requests were sent late, and it was busy for 10.0 % of the time",
    ]);
  });
});

describe("the orders of a report", () => {
  it("are counted, with their time until the row", () => {
    expect(orderLine(WHOLE)).toBe(
      "3 orders accepted, 2 recorded, 1 rejected, 0 lost; 40 ms from acceptance to row at p50, 60 ms at p99",
    );
  });

  it("are named where they are lost", () => {
    const text = textOf(report([mark(0, 0, 0)], ["ord_1"]));
    expect(text).toContain("1 LOST");
    expect(text).toContain("\nLOST ord_1");
  });
});

test("each second has the waits of the requests that were due in it", () => {
  expect(WHOLE.seconds).toEqual([
    { second: 0, sent: 3, failed: 1, p50: 10, p95: 30, p99: 30 },
    { second: 10, sent: 2, failed: 0, p50: 100, p95: 200, p99: 200 },
  ]);
});
