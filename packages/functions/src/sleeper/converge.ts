import type { PartReport, Wanted } from "./protocol.ts";

/** A part of the stage that sleeps. */
export interface Part {
  name: string;
  /**
   * Looks at the part and takes the next step towards what is wanted; a part that is there, or on its way in either direction, is left alone.
   * Rejects when AWS refuses.
   */
  step(wanted: Wanted): Promise<Omit<PartReport, "part">>;
}

/**
 * One pass over the groups, in the order in which they fall asleep, or the reverse to wake. A group waits until all of the groups before it are
 * done, so repeated passes lead there from any state. A part that AWS refuses is reported, and holds up no other part of its group.
 */
export async function converge(
  groups: readonly (readonly Part[])[],
  wanted: Wanted,
): Promise<{ parts: PartReport[]; isDone: boolean }> {
  const parts: PartReport[] = [];
  for (const group of wanted === "asleep" ? groups : groups.toReversed()) {
    const reports = await Promise.all(group.map((part) => reportOf(part, wanted)));
    parts.push(...reports);
    if (reports.some(({ isDone }) => !isDone)) return { parts, isDone: false };
  }
  return { parts, isDone: true };
}

async function reportOf({ name: part, step }: Part, wanted: Wanted): Promise<PartReport> {
  try {
    return { part, ...(await step(wanted)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { part, state: `refused: ${reason}`, isDone: false };
  }
}
