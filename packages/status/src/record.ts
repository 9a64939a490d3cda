import { type Check, COMPONENT_IDS } from "./components.ts";
import type { Day, History } from "./history.ts";
import { CHECKS_A_DAY_MAX, dayOf } from "./limits.ts";
import { readHistory } from "./read.ts";

/** Adds a check to the history. Parts of `history` that cannot be read are dropped, and so are days older than 90 days. */
export function record(history: unknown, check: Check): History {
  const date = dayOf(Date.parse(check.checkedAt));
  const { days } = readHistory(history, date);
  const today = days.at(-1)?.date === date ? days.pop() : undefined;
  return {
    days: [...days, counted(today ?? { date, checks: 0, components: {} }, check)],
  };
}

function counted(day: Day, check: Check): Day {
  // Only made-up data has so many.
  if (day.checks >= CHECKS_A_DAY_MAX) return day;
  const components = { ...day.components };
  for (const id of COMPONENT_IDS) {
    const { state } = check.components[id];
    if (state === "up") continue;
    const counts = components[id] ?? { degraded: 0, down: 0, unknown: 0 };
    components[id] = { ...counts, [state]: counts[state] + 1 };
  }
  return { ...day, checks: day.checks + 1, components };
}
