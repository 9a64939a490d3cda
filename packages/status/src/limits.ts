export const DAYS_MAX = 90;
export const DAY_MS = 86_400_000;
/** One check a second: more than any probe makes. */
export const CHECKS_A_DAY_MAX = 86_400;
export const DEFAULT_INTERVAL_SECONDS = 60;

/** The day in UTC, such as 2026-11-26; empty for an invalid time. */
export function dayOf(ms: number): string {
  return Number.isNaN(ms) ? "" : new Date(ms).toISOString().slice(0, 10);
}
