import { table } from "@cloud-design/local/terminal/table";
import { asleepMonth } from "@cloud-design/stage/asleep-month";
import type { BillLine } from "@cloud-design/stage/bill/bill";
import { standingBill } from "@cloud-design/stage/bill/standing";
import type { Bills } from "@cloud-design/stage/bill/switches";
import { presetOf, stageSettings } from "@cloud-design/stage/preset";
import { PRESETS, type Preset, settingsOf } from "@cloud-design/stage/settings";

const HEADER = ["USD a month", "awake", "asleep", ""];
const FIGURES = [1, 2];

/** A month of a stage, awake and asleep, in USD with two places: the sums, and a table with the reason for each line. */
export function pricesOf(stage: string): { awake: string; asleep: string; lines: string } {
  const preset = presetOf(stage);
  const rows = asleepRows(standingBill(preset, stageSettings(stage).hasProxy), preset);
  const [, awake = "", asleep = ""] = rows.at(-1) ?? [];
  return { awake, asleep, lines: table(rows, FIGURES) };
}

/** Header, a row for each line of the bill, and the sums. */
export function asleepRows(lines: readonly BillLine[], preset: Preset): string[][] {
  const months = asleepMonth(lines, settingsOf(preset));
  const sumOf = (what: "awakeUsd" | "asleepUsd") => months.reduce((sum, line) => sum + line[what], 0);
  return [
    HEADER,
    ...months.map(({ part, awakeUsd, asleepUsd, because }) => [
      part,
      awakeUsd.toFixed(2),
      asleepUsd.toFixed(2),
      because,
    ]),
    ["together", sumOf("awakeUsd").toFixed(2), sumOf("asleepUsd").toFixed(2), ""],
  ];
}

/** Header, and the sums of each preset. */
export function asleepTotals(bills: Bills): string[][] {
  return [
    ["preset", "awake", "asleep"],
    ...PRESETS.map((preset) => [preset, ...(asleepRows(bills[preset], preset).at(-1) ?? []).slice(1, 3)]),
  ];
}
