import { eachComponent } from "./components.ts";
import { DEFAULT_INTERVAL_SECONDS } from "./limits.ts";
import { readStatus } from "./read.ts";
import type { Status } from "./status.ts";
import { moment } from "./words.ts";

/**
 * The public status of a platform that sleeps since `since` (ISO 8601, in UTC) and keeps its orders for so many days: the last check, and that it
 * no longer holds.
 */
export function asleep(previous: unknown, since: string, keptDays: number): Status {
  const before = readStatus(previous) ?? {
    components: eachComponent(() => ({ state: "unknown" as const, since })),
    checked_at: since,
    interval_seconds: DEFAULT_INTERVAL_SECONDS,
  };
  return {
    ...before,
    state: "asleep",
    summary: `Asleep since ${moment(Date.parse(since))}. Orders are accepted, kept for ${keptDays} days, and recorded after the platform is woken. Movies cannot be read until then.`,
    asleep_since: since,
  };
}
