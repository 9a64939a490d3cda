import { age, clock, moment } from "./words.ts";

/** One late check is no news: a probe may be slow, and a cache keeps its answer a little. */
const STALE_INTERVALS = 3;
/** A laptop's probe runs every few seconds, and a laptop that is busy misses some of them. */
const STALE_SECONDS_MIN = 30;

export interface Freshness {
  /** Milliseconds, of a clock that can be trusted. */
  now: number;
  checkedAt?: number | undefined;
  intervalSeconds: number;
  /** The page cannot be refreshed since then. */
  failedSince?: number | undefined;
  /** Somebody updates the sentence every second. */
  isLive?: boolean | undefined;
}

export function isOld({ now, checkedAt, intervalSeconds, failedSince }: Freshness): boolean {
  if (failedSince !== undefined) return true;
  if (checkedAt === undefined) return false;
  return now - checkedAt > limitSeconds(intervalSeconds) * 1_000;
}

function limitSeconds(intervalSeconds: number): number {
  return Math.max(STALE_SECONDS_MIN, STALE_INTERVALS * intervalSeconds);
}

export function freshness(of: Freshness): string {
  const { now, checkedAt, intervalSeconds, failedSince, isLive } = of;
  if (failedSince !== undefined) {
    const failed = `This page could not be refreshed since ${clock(failedSince, now)}.`;
    return checkedAt === undefined ? failed : `${failed} It shows the check of ${clock(checkedAt, now)}.`;
  }
  if (checkedAt === undefined) return "";
  const seconds = (now - checkedAt) / 1_000;
  if (isOld(of))
    return `Stale since ${clock(checkedAt, now)}: the last check is ${age(seconds)} old. What stands below was true then.`;
  if (isLive) return `Checked ${age(seconds)} ago, at ${clock(checkedAt, now)}.`;
  // Nobody renews this one, and nobody knows when it is read.
  return `Checked ${moment(checkedAt)}. If that is more than ${age(limitSeconds(intervalSeconds))} ago, this page is stale.`;
}
