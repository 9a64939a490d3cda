import { markdownTable, replaceBetween } from "../page.ts";
import type { Fault } from "./fault.ts";
import { COLUMNS, cellsOf, machine, promisesOf } from "./report.ts";
import type { Result } from "./run-fault.ts";

export interface Run {
  fault: Fault;
  result: Result;
}

export const CHAOS_PAGE = "docs/chaos.md";
/** As many bars as a reader can read. */
const BARS_MAX = 16;

/** Writes the results between the marks of docs/chaos.md. */
export function writePage(runs: readonly Run[]): void {
  replaceBetween(CHAOS_PAGE, "results", render(runs));
}

function render(runs: readonly Run[]): string {
  const day = (runs[0]?.result.startedAt ?? "").slice(0, 10);
  const results = runs.map(({ result }) => result);
  const slowest = results.toSorted((a, b) => b.recoverySeconds - a.recoverySeconds).slice(0, BARS_MAX);
  return [
    `Measured on ${day}, on ${machine()}.\n`,
    "```mermaid Seconds from the end of a fault to the row of an order that was placed then: the longest",
    "xychart-beta horizontal",
    `  x-axis [${slowest.map(({ fault }) => `"${fault}"`).join(", ")}]`,
    '  y-axis "seconds"',
    `  bar [${slowest.map(({ recoverySeconds }) => recoverySeconds.toFixed(1)).join(", ")}]`,
    "```\n",
    markdownTable([COLUMNS, ...results.map(cellsOf)]),
    "\n## What was done\n",
    markdownTable([
      ["fault", "injected", "promise", "must hold", "measured besides", "outside the promise"],
      ...runs.map(({ fault, result }) => [
        ...[fault.name, fault.injection, promisesOf(fault).join(" "), fault.hypothesis],
        ...[result.measured ?? "", fault.outside ?? ""],
      ]),
    ]),
    "",
  ].join("\n");
}
