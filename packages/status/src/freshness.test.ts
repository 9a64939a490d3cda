import { expect, test } from "vitest";
import { freshness, isOld } from "./freshness.ts";

const checkedAt = Date.parse("2026-11-26T10:32:10Z");
const after = (seconds: number) => checkedAt + seconds * 1_000;

test.each([
  [60, 180],
  [5, 30],
  [15, 45],
])("with a check every %d s the page is stale after %d s", (intervalSeconds, seconds) => {
  expect(isOld({ now: after(seconds), checkedAt, intervalSeconds })).toBe(false);
  expect(isOld({ now: after(seconds + 1), checkedAt, intervalSeconds })).toBe(true);
});

test.each([
  [{ now: after(1), isLive: true }, "Checked 1 second ago, at 10:32 UTC."],
  [{ now: after(-5), isLive: true }, "Checked 0 seconds ago, at 10:32 UTC."],
  [
    { now: after(70) },
    "Checked 26 Nov 2026, 10:32 UTC. If that is more than 3 minutes ago, this page is stale.",
  ],
  [
    { now: after(0), intervalSeconds: 5 },
    "Checked 26 Nov 2026, 10:32 UTC. If that is more than 30 seconds ago, this page is stale.",
  ],
  [
    { now: after(185) },
    "Stale since 10:32 UTC: the last check is 3 minutes old. What stands below was true then.",
  ],
  [
    { now: after(2 * 86_400) },
    "Stale since 26 Nov, 10:32 UTC: the last check is 2 days old. What stands below was true then.",
  ],
  [
    { now: after(400), failedSince: after(300) },
    "This page could not be refreshed since 10:37 UTC. It shows the check of 10:32 UTC.",
  ],
  [
    { now: after(400), failedSince: after(300), checkedAt: undefined },
    "This page could not be refreshed since 10:37 UTC.",
  ],
  [{ now: after(0), checkedAt: undefined }, ""],
])("%j reads %j", (given, text) => {
  expect(freshness({ checkedAt, intervalSeconds: 60, ...given })).toBe(text);
});
