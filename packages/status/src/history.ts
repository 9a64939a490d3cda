import * as z from "zod";
import { type Check, COMPONENT_IDS } from "./components.ts";
import { CHECKS_A_DAY_MAX, DAYS_MAX, dayOf, readHistory } from "./read.ts";

const Count = z.int().min(0).max(CHECKS_A_DAY_MAX);

const Day = z
  .object({
    /** In UTC. */
    date: z.iso.date(),
    checks: Count.min(1),
    /** How many of the checks found a component not up. One without an entry was up each time: most are, and the file stays small. */
    components: z.partialRecord(
      z.enum(COMPONENT_IDS),
      z.object({ degraded: Count, down: Count, unknown: Count }),
    ),
  })
  .refine(({ checks, components }) =>
    Object.values(components).every(({ degraded, down, unknown }) => degraded + down + unknown <= checks),
  );

/** `history.json`: the last days with a check, oldest first. */
export const History = z.object({ days: z.array(Day).max(DAYS_MAX) });
export type History = z.infer<typeof History>;

/** Counts a check. Of whatever it is given as history it keeps what can be read, and no more than 90 days. */
export function record(history: unknown, check: Check): History {
  const date = dayOf(Date.parse(check.checkedAt));
  const { days } = readHistory(history, date);
  const today = days.at(-1)?.date === date ? days.pop() : undefined;
  return {
    days: [...days, counted(today ?? { date, checks: 0, components: {} }, check)],
  };
}

type Day = z.infer<typeof Day>;

function counted(day: Day, check: Check): Day {
  // Only what somebody made up has so many.
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
