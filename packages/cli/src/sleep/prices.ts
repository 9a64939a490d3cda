import { table } from "@cloud-design/local/terminal/table";
import { asleepMonth } from "@cloud-design/stage/asleep-month";
import { idleMonth } from "@cloud-design/stage/prices";
import type { StageSettings } from "@cloud-design/stage/settings";

const FIGURES = [1, 2];

/** The month of a stage awake and asleep, in USD. */
export function monthsOf(settings: StageSettings): { awake: number; asleep: number } {
  const lines = asleepMonth(idleMonth(settings), settings);
  return {
    awake: lines.reduce((sum, { awakeUsd }) => sum + awakeUsd, 0),
    asleep: lines.reduce((sum, { asleepUsd }) => sum + asleepUsd, 0),
  };
}

/** Each line of the bill awake and asleep, with the reason; the last line is their sum. */
export function priceTable(settings: StageSettings): string {
  const { awake, asleep } = monthsOf(settings);
  const rows = asleepMonth(idleMonth(settings), settings).map(({ part, awakeUsd, asleepUsd, because }) => [
    part,
    awakeUsd.toFixed(2),
    asleepUsd.toFixed(2),
    because,
  ]);
  return table(
    [["USD a month", "awake", "asleep", ""], ...rows, ["together", awake.toFixed(2), asleep.toFixed(2), ""]],
    FIGURES,
  );
}
