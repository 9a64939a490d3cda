import { statisticOf } from "@cloud-design/cloudwatch/statistics";
import type { Mark, Measured, Sample } from "./generator.ts";
import type { Followed } from "./orders.ts";
import { KINDS, type Kind, type Phase, type ScenarioName } from "./scenarios.ts";

/** In milliseconds; null without a value. */
export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface KindFigures extends Percentiles {
  sent: number;
  failed: number;
}

export interface PhaseFigures {
  name: string;
  /** As planned. */
  perSecond: number;
  /** As long as it lasted: less than planned when it was interrupted. */
  seconds: number;
  all: KindFigures;
  kinds: Record<Kind, KindFigures>;
  /** How often each kind of failure was met. */
  errors: Record<string, number>;
  generator: GeneratorFigures;
  /** In percent of one core, on average; memory at the end of the phase. */
  parts: Record<string, { processorPercent: number; megabytes: number }>;
  /** The use of one core by all other programs on this machine; null where the parts are elsewhere. */
  othersPercent: number | null;
}

export interface GeneratorFigures {
  /** The share of the requests that were sent over LATE_MS later than intended. */
  lateShare: number;
  /** The share of the time in which its event loop was busy. */
  busyShare: number;
  processorPercent: number;
  /** Then the waits of the phase are partly its own. */
  isLimit: boolean;
}

interface SecondFigures extends Percentiles {
  second: number;
  sent: number;
  failed: number;
}

export interface LoadReport {
  scenario: ScenarioName;
  target: string;
  startedAt: string;
  seed: number;
  isComplete: boolean;
  phases: PhaseFigures[];
  /** By the time at which the requests were due. */
  seconds: SecondFigures[];
  orders: Omit<Followed, "waits"> & { accepted: number; untilRecorded: Percentiles };
}

/** A request that was sent later than this was delayed by the generator: its timers are exact to a millisecond or two. */
const LATE_MS = 50;
const LATE_SHARE_MAX = 0.01;
const BUSY_SHARE_MAX = 0.9;

interface Run {
  about: Pick<LoadReport, "scenario" | "target" | "startedAt" | "seed" | "isComplete">;
  phases: readonly Phase[];
  measured: Measured;
  accepted: number;
  followed: Followed;
}

export function reportOf({ about, phases, measured, accepted, followed }: Run): LoadReport {
  const { samples, marks } = measured;
  const byPhase = Map.groupBy(samples, ({ phase }) => phase);
  const { waits, ...orders } = followed;
  return {
    ...about,
    phases: marks.slice(1).flatMap((end, index) => {
      const [phase, begin] = [phases[index], marks[index]];
      return phase && begin ? [phaseFigures(phase, byPhase.get(index) ?? [], begin, end)] : [];
    }),
    seconds: secondsOf(samples),
    orders: { accepted, ...orders, untilRecorded: percentilesOf(waits) },
  };
}

/** Whether the generator was the limit: it sent late, or had no time left. */
export function isGeneratorLimit({
  lateShare,
  busyShare,
}: Pick<GeneratorFigures, "lateShare" | "busyShare">) {
  return lateShare > LATE_SHARE_MAX || busyShare > BUSY_SHARE_MAX;
}

export function percentilesOf(values: readonly number[]): Percentiles {
  const at = (name: string) => (values.length === 0 ? null : round(statisticOf(name)(values)));
  return { p50: at("p50"), p95: at("p95"), p99: at("p99") };
}

function phaseFigures(phase: Phase, samples: readonly Sample[], begin: Mark, end: Mark): PhaseFigures {
  const seconds = (end.atMs - begin.atMs) / 1_000;
  const byKind = Map.groupBy(samples, ({ kind }) => kind);
  const failures = samples.flatMap(({ error }) => error ?? []);
  const errors = [...Map.groupBy(failures, (error) => error)].map(([error, same]) => [error, same.length]);
  const generator = generatorFigures(samples, begin, end, seconds);
  const parts = partFigures(begin, end, seconds);
  const inAll = percentOf(end.machineSeconds - begin.machineSeconds, seconds);
  const known = Object.values(parts).reduce(
    (sum, { processorPercent }) => sum + processorPercent,
    generator.processorPercent,
  );
  return {
    name: phase.name,
    perSecond: phase.perSecond,
    seconds,
    all: kindFigures(samples),
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, kindFigures(byKind.get(kind) ?? [])])) as Record<
      Kind,
      KindFigures
    >,
    errors: Object.fromEntries(errors),
    generator,
    parts,
    othersPercent: Object.keys(parts).length === 0 ? null : Math.max(0, round(inAll - known)),
  };
}

/** A failure's wait is left out: a refusal is quick, and would make a platform that refuses look fast. */
function kindFigures(samples: readonly Sample[]): KindFigures {
  const answered = samples.filter(({ error }) => error === undefined);
  const waits = percentilesOf(answered.map(({ waitMs }) => waitMs));
  return { sent: samples.length, failed: samples.length - answered.length, ...waits };
}

function generatorFigures(
  samples: readonly Sample[],
  begin: Mark,
  end: Mark,
  seconds: number,
): GeneratorFigures {
  const late = samples.filter(({ lateMs }) => lateMs > LATE_MS).length;
  const { utilization } = performance.eventLoopUtilization(
    end.generator.eventLoop,
    begin.generator.eventLoop,
  );
  const used = end.generator.processorSeconds - begin.generator.processorSeconds;
  const shares = { lateShare: samples.length === 0 ? 0 : late / samples.length, busyShare: utilization };
  return { ...shares, processorPercent: percentOf(used, seconds), isLimit: isGeneratorLimit(shares) };
}

function partFigures(begin: Mark, end: Mark, seconds: number): PhaseFigures["parts"] {
  const parts = [...end.parts].map(([name, { processorSeconds, megabytes }]) => {
    const before = begin.parts.get(name)?.processorSeconds ?? 0;
    // A part that was started again counts from 0.
    const used = Math.max(0, processorSeconds - before);
    return [name, { processorPercent: percentOf(used, seconds), megabytes }];
  });
  return Object.fromEntries(parts);
}

function percentOf(used: number, seconds: number): number {
  return seconds === 0 ? 0 : round((100 * used) / seconds);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function secondsOf(samples: readonly Sample[]): SecondFigures[] {
  const bySecond = Map.groupBy(samples, ({ dueMs }) => Math.floor(dueMs / 1_000));
  return [...bySecond]
    .toSorted(([one], [other]) => one - other)
    .map(([second, same]) => ({ second, ...kindFigures(same) }));
}
