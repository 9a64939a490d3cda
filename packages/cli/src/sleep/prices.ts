import { table } from "@cloud-design/local/terminal/table";
import { asleepMonth } from "@cloud-design/stage/asleep-month";
import { IDLE } from "@cloud-design/stage/bill/idle";
import { type Preset, settingsOf } from "@cloud-design/stage/settings";

const HEADER = ["USD a month", "awake", "asleep", ""];
const FIGURES = [1, 2];

/** A month of a stage, awake and asleep, in USD with two places: the sums, and a table with the reason for each line. */
export function pricesOf(preset: Preset): { awake: string; asleep: string; lines: string } {
  const months = asleepMonth(IDLE[preset], settingsOf(preset));
  const sumOf = (what: "awakeUsd" | "asleepUsd") => months.reduce((sum, line) => sum + line[what], 0);
  const [awake, asleep] = [sumOf("awakeUsd").toFixed(2), sumOf("asleepUsd").toFixed(2)];
  const rows = months.map(({ part, awakeUsd, asleepUsd, because }) => [
    part,
    awakeUsd.toFixed(2),
    asleepUsd.toFixed(2),
    because,
  ]);
  return { awake, asleep, lines: table([HEADER, ...rows, ["together", awake, asleep, ""]], FIGURES) };
}
