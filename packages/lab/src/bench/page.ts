import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@cloud-design/core/json";
import { ROOT } from "@cloud-design/local/platform/settings";
import * as z from "zod";
import { machine } from "../chaos/report.ts";
import { markdownTable, replaceBetween } from "../page.ts";
import { type Figure, isReached } from "./figure.ts";
import type { Spread } from "./rounds.ts";

const PAGE = "docs/performance.md";
/** The ratios of the last published run, beside the page. */
const PUBLISHED = join(ROOT, "docs/performance.json");

const Published = z.object({
  measuredAt: z.string(),
  machine: z.string(),
  ratios: z.record(z.string(), z.number()),
});

/** The ratios of the last published run, by name. */
export function publishedRatios(): ReadonlyMap<string, number> {
  if (!existsSync(PUBLISHED)) return new Map();
  return new Map(Object.entries(Published.parse(parseJson(readFileSync(PUBLISHED, "utf8"))).ratios));
}

export const COLUMNS = ["work", "ours", "bare", "unprepared", "ours / bare", "to reach", ""];

/** A row for COLUMNS. */
export function cellsOf(figure: Figure): string[] {
  const { name, unit, ours, bare, unprepared, ratio, also } = figure;
  const cell = (spread: Spread | undefined) => (spread ? `${span(spread)} ${unit}`.replace(" /s", "/s") : "");
  const hasReached = isReached(figure);
  const verdict = hasReached === undefined ? "" : hasReached ? "reached" : "not reached";
  return [
    also === undefined ? name : `${name} (${also})`,
    ...[cell(ours), cell(bare), cell(unprepared)],
    ratio ? span(ratio) : "",
    targetOf(figure),
    verdict,
  ];
}

/** The median, and the least and the greatest round behind it. */
function span({ median, min, max }: Spread): string {
  return min === max
    ? figureText(median)
    : `${figureText(median)} (${figureText(min)} to ${figureText(max)})`;
}

function figureText(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return "";
  if ("ratio" in target) return `≥ ${target.ratio}`;
  return "atLeast" in target
    ? `≥ ${target.atLeast.toLocaleString("en")}${unit}`
    : `≤ ${target.atMost.toLocaleString("en")} ${unit}`;
}

/** Writes the figures into docs/performance.md, and their ratios beside it. */
export function publish(figures: readonly Figure[]): void {
  const measuredAt = new Date().toISOString().slice(0, 10);
  replaceBetween(PAGE, "results", render(figures, measuredAt));
  const ratios = Object.fromEntries(
    figures.flatMap(({ name, ratio }) => (ratio ? [[name, Number(ratio.median.toFixed(3))]] : [])),
  );
  writeFileSync(
    PUBLISHED,
    `${JSON.stringify({ measuredAt, machine: machine(), ratios } satisfies z.input<typeof Published>, null, 2)}\n`,
  );
}

function render(figures: readonly Figure[], measuredAt: string): string {
  const compared = figures.filter(({ ratio }) => ratio !== undefined);
  const list = (values: readonly (string | number)[]) => `[${values.join(", ")}]`;
  return [
    `Measured on ${measuredAt}, on ${machine()}. A figure is the median of its rounds, with the least and the greatest round behind it.\n`,
    "```mermaid Share of the bare counterpart that ours reaches, and the share that is wanted",
    "xychart-beta horizontal",
    `  x-axis ${list(compared.map(({ name }) => `"${name}"`))}`,
    '  y-axis "ours / bare" 0 --> 1',
    `  bar ${list(compared.map(({ ratio }) => ratio?.median.toFixed(2) ?? ""))}`,
    `  line ${list(compared.map(({ target }) => (target && "ratio" in target ? target.ratio : 0)))}`,
    "```\n",
    markdownTable([COLUMNS, ...figures.map(cellsOf)]),
  ].join("\n");
}
