// The words that the page and the command line share.
import type { Timeline } from "../timeline/timeline.ts";

/** A duration with three figures, in the unit that is easiest to read. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${Math.max(0, ms).toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(ms < 9_995 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} days ${Math.floor(minutes / 60) % 24} h`;
}

/** `2026-11-26 12:00:00.123 UTC` */
export function instant(ms: number): string {
  return `${new Date(ms).toISOString().replace("T", " ").slice(0, 23)} UTC`;
}

/** The outcome of an order or a request, with its time. */
export function sentence(
  { outcome, startedAtMs }: Pick<Timeline, "outcome" | "startedAtMs">,
  nowMs: number,
): string {
  const { state, text, reason, atMs } = outcome;
  const because = reason === null ? "" : `: ${reason}`;
  if (atMs === null) return text + because;
  if (state === "waiting") return `${text} since ${instant(atMs)}, for ${duration(nowMs - atMs)}`;
  return `${text} after ${duration(atMs - startedAtMs)}${because}`;
}
