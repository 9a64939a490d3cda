import { table } from "@cloud-design/local/terminal/table";
import type { Bills } from "@cloud-design/stage/bill/switches";
import { PRICED_REGION, totalOf } from "@cloud-design/stage/prices";
import type { Preset } from "@cloud-design/stage/settings";
import type { Use } from "@cloud-design/stage/usage";
import { billRows, commitmentRows, largest, monthsOf, switchRows, whole } from "./rows.ts";

export interface Wanted {
  presets: readonly Preset[];
  use?: Use | undefined;
}

/** So wide is the column of reasons in a terminal. */
const REASON_WIDTH = 60;

/** The whole answer of `npm run cost`, for a terminal. */
export function report(bills: Bills, { presets, use }: Wanted): string {
  const months = monthsOf(bills, presets, use);
  const figures = presets.map((_, index) => 2 * (index + 1));
  return [
    table(billRows(bills, presets, use), figures),
    "",
    ...wrapped(monthText(use), 100),
    ...(use === undefined || use.orders === 0 ? [] : [perThousand(bills, { presets, use })]),
    "",
    "The five largest lines",
    table(
      [...months].map(([preset, lines]) => [`  ${preset}`, largest(lines)]),
      [],
    ),
    "",
    "Savings of a month, each setting alone at its cheaper value, and the reason for the dearer one",
    switchTable(bills, presets),
    ...commitmentText(bills, presets),
  ].join("\n");
}

function monthText(use: Use | undefined): string {
  const month = use
    ? `A month of ${whole(use.reads)} reads and ${whole(use.orders)} orders, evenly spread`
    : "A month without requests";
  return `${month}, on demand in ${PRICED_REGION}, computed from the templates; docs/cost.md says what comes on top.`;
}

/** With its share of the whole month, at this rate. */
function perThousand(bills: Bills, { presets, use }: Wanted): string {
  const months = monthsOf(bills, presets, use);
  const each = [...months].map(
    ([preset, lines]) => `${preset} $${((1_000 * totalOf(lines)) / (use?.orders ?? 1)).toFixed(2)}`,
  );
  return `For each 1,000 of these orders, all included: ${each.join(", ")}.`;
}

function switchTable(bills: Bills, presets: readonly Preset[]): string {
  const [header = [], ...rows] = switchRows(bills, presets);
  const figures = presets.map((_, index) => 2 + index);
  const lines = rows.flatMap((cells) => {
    const [first = "", ...more] = wrapped(cells.at(-1) ?? "", REASON_WIDTH);
    return [
      [...cells.slice(0, -1), first],
      ...more.map((text) => [...cells.slice(0, -1).map(() => ""), text]),
    ];
  });
  return indented(table([header, ...lines], figures));
}

function commitmentText(bills: Bills, presets: readonly Preset[]): string[] {
  const rows = commitmentRows(bills, presets);
  if (rows.length === 1) return [];
  return [
    "",
    "Commitments of a year (about: AWS's price calculator has the shares of the day)",
    indented(table(rows, [2, 3, 4, 5])),
  ];
}

/** The bills as an object for programs. */
export function json(bills: Bills, { presets, use }: Wanted): string {
  const byPreset = [...monthsOf(bills, presets, use)].map(([preset, lines]) => [
    preset,
    { usdMonthly: totalOf(lines), lines },
  ]);
  return JSON.stringify(Object.fromEntries(byPreset), null, 2);
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
