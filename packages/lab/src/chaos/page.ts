import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import type { Fault } from "./fault.ts";
import { COLUMNS, cellsOf, machine, promisesOf } from "./report.ts";
import type { Result } from "./run-fault.ts";

export interface Run {
  fault: Fault;
  result: Result;
}

const PAGE = join(ROOT, "docs/chaos.md");
/** As many bars as a reader can read. */
const BARS_MAX = 16;

/** Writes the results between the marks of docs/chaos.md. */
export function writePage(runs: readonly Run[]): void {
  replaceBetween("results", render(runs));
}

/** Replaces the text between `<!-- mark -->` and `<!-- end of mark -->` in docs/chaos.md. */
export function replaceBetween(mark: string, text: string): void {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- end of ${mark} -->`];
  const page = readFileSync(PAGE, "utf8");
  const [before = "", rest = ""] = page.split(begin);
  const [, after = ""] = rest.split(end);
  writeFileSync(PAGE, [before, begin, "\n\n", text, "\n", end, after].join(""));
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

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
