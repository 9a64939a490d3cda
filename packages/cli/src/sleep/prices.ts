import { table } from "@cloud-design/local/terminal/table";
import { asleepMonth } from "@cloud-design/stage/asleep-month";
import { IDLE } from "@cloud-design/stage/bill/idle";
import type { Bills } from "@cloud-design/stage/bill/switches";
import { PRESETS, type Preset, settingsOf } from "@cloud-design/stage/settings";

const HEADER = ["USD a month", "awake", "asleep", ""];
const FIGURES = [1, 2];

/** A month of a stage, awake and asleep, in USD with two places: the sums, and a table with the reason for each line. */
export function pricesOf(preset: Preset): { awake: string; asleep: string; lines: string } {
  const rows = asleepRows(IDLE, preset);
  const [, awake = "", asleep = ""] = rows.at(-1) ?? [];
  return { awake, asleep, lines: table(rows, FIGURES) };
}

/** Header, a row for each line of the bill, and the sums. */
export function asleepRows(bills: Bills, preset: Preset): string[][] {
  const months = asleepMonth(bills[preset], settingsOf(preset));
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
    ...PRESETS.map((preset) => [preset, ...(asleepRows(bills, preset).at(-1) ?? []).slice(1, 3)]),
  ];
}
