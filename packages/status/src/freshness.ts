import { age, clock, moment } from "./words.ts";

/** One late check is tolerated: a probe may be slow, and a cache keeps its answer for a moment. */
const STALE_INTERVALS = 3;
/** A laptop's probe runs every few seconds, and a busy laptop misses some runs. */
const STALE_SECONDS_MIN = 30;

export interface Freshness {
  /** Milliseconds, from a trustworthy clock. */
  now: number;
  checkedAt?: number | undefined;
  intervalSeconds: number;
  /** Since when the page could not be refreshed. */
  failedSince?: number | undefined;
  /** While the platform sleeps there are no checks, and the page is current all the same. */
  asleepSince?: number | undefined;
  /** Whether the sentence is updated every second. */
  isLive?: boolean | undefined;
}

export function isOld({ now, checkedAt, intervalSeconds, asleepSince, failedSince }: Freshness): boolean {
  if (failedSince !== undefined) return true;
  if (checkedAt === undefined || asleepSince !== undefined) return false;
  return now - checkedAt > limitSeconds(intervalSeconds) * 1_000;
}

function limitSeconds(intervalSeconds: number): number {
  return Math.max(STALE_SECONDS_MIN, STALE_INTERVALS * intervalSeconds);
}

export function freshness(of: Freshness): string {
  const { now, checkedAt, intervalSeconds, asleepSince, failedSince, isLive } = of;
  if (failedSince !== undefined) {
    const failed = `This page could not be refreshed since ${clock(failedSince, now)}.`;
    return checkedAt === undefined ? failed : `${failed} It shows the check of ${clock(checkedAt, now)}.`;
  }
  if (checkedAt === undefined) return "";
  if (asleepSince !== undefined)
    return `Nothing is checked while the platform sleeps. The last check was on ${moment(checkedAt)}.`;
  const seconds = (now - checkedAt) / 1_000;
  if (isOld(of))
    return `Stale since ${clock(checkedAt, now)}: the last check is ${age(seconds)} old. What stands below was true then.`;
  if (isLive) return `Checked ${age(seconds)} ago, at ${clock(checkedAt, now)}.`;
  // This sentence is not updated, and may be read at any later time.
  return `Checked ${moment(checkedAt)}. If that is more than ${age(limitSeconds(intervalSeconds))} ago, this page is stale.`;
}
