import { table } from "@cloud-design/local/terminal/table";
import type { GeneratorFigures, KindFigures, LoadReport, Percentiles, PhaseFigures } from "./figures.ts";
import { KINDS } from "./scenarios.ts";

export const WAIT_COLUMNS = ["level", "request", "sent", "failed", "p50", "p95", "p99"];
const KIND_NAMES = {
  movie: "a film by id",
  list: "a list of 20",
  search: "films by a word",
  write: "a film added or deleted",
  order: "an order",
};

/** Rows of WAIT_COLUMNS: all requests of each phase, and each kind of them. */
export function waitRows({ phases }: LoadReport): string[][] {
  return phases.flatMap(({ name, all, kinds }) => [
    [name, "all", ...figuresOf(all)],
    ...KINDS.map((kind) => ["", KIND_NAMES[kind], ...figuresOf(kinds[kind])]),
  ]);
}

/** A header with the phases, and a row for each part: its processor time in percent of a core, and its memory at the end. */
export function partRows({ phases }: LoadReport): string[][] {
  const names = Object.keys(phases.at(-1)?.parts ?? {});
  if (names.length === 0) return [];
  const cell = ({ parts }: PhaseFigures, name: string) => {
    const { processorPercent = 0, megabytes = 0 } = parts[name] ?? {};
    return `${Math.round(processorPercent)} %, ${megabytes} MB`;
  };
  return [
    ["part", ...phases.map(({ name }) => name)],
    ...names.map((name) => [name, ...phases.map((phase) => cell(phase, name))]),
    ["the generator", ...phases.map(({ generator }) => `${Math.round(generator.processorPercent)} %`)],
    ["other programs", ...phases.map(({ othersPercent }) => `${Math.round(othersPercent ?? 0)} %`)],
  ];
}

/** The failures of each phase, by their problem. */
export function failureLines({ phases }: LoadReport): string[] {
  return phases.flatMap(({ name, errors }) =>
    Object.entries(errors)
      .toSorted(([, one], [, other]) => other - one)
      .map(([error, count]) => `${name}: ${whole(count)} x ${error}`),
  );
}

/** The phases in which the generator was the limit; an empty list means that the platform alone was measured. */
export function limitLines({ phases }: LoadReport): string[] {
  return phases
    .filter(({ generator }) => generator.isLimit)
    .map(({ name, generator }) => `${name}: ${limitOf(generator)}`);
}

export function orderLine({ orders }: LoadReport): string {
  const { accepted, recorded, rejected, lost, untilRecorded } = orders;
  const waits = `${milliseconds(untilRecorded.p50)} from acceptance to row at p50, ${milliseconds(untilRecorded.p99)} at p99`;
  return `${whole(accepted)} orders accepted, ${whole(recorded)} recorded, ${whole(rejected)} rejected, ${lost.length === 0 ? "0 lost" : `${whole(lost.length)} LOST`}; ${waits}`;
}

/** The text about one run for a person. */
export function describe(report: LoadReport): string {
  const parts = partRows(report);
  return [
    ...(report.isComplete ? [] : ["Interrupted: these are the figures until then.\n"]),
    table([WAIT_COLUMNS, ...waitRows(report)], [2, 3, 4, 5, 6]),
    ...(parts.length > 0 ? ["", table(parts, [])] : []),
    "",
    ...failureLines(report),
    ...limitLines(report).map((line) => `The generator was the limit at ${line}`),
    orderLine(report),
    ...report.orders.lost.map((id) => `LOST ${id}`),
  ].join("\n");
}

export function milliseconds(value: number | null): string {
  if (value === null) return "-";
  return value < 10 ? `${value.toFixed(1)} ms` : `${whole(Math.round(value))} ms`;
}

function figuresOf({ sent, failed, ...waits }: KindFigures): string[] {
  const names: (keyof Percentiles)[] = ["p50", "p95", "p99"];
  return [whole(sent), whole(failed), ...names.map((name) => milliseconds(waits[name]))];
}

function limitOf({ lateShare, busyShare }: GeneratorFigures): string {
  return `${percent(lateShare)} of the requests were sent late, and it was busy for ${percent(busyShare)} of the time`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function whole(count: number): string {
  return count.toLocaleString("en");
}
