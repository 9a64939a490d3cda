import { expect, test } from "vitest";
import { asleep } from "./asleep.ts";
import { isOld } from "./freshness.ts";
import { renderPage } from "./page.ts";
import { readStatus } from "./read.ts";
import { Status } from "./status.ts";
import { check, history, NOON } from "./testing/fixtures.ts";
import { toStatus } from "./to-status.ts";

const SINCE = "2026-11-26T20:03:00.000Z";
const DAY_MS = 86_400_000;
const last = toStatus(check({ billing: "down" }), undefined, { intervalSeconds: 60 });
const assets = { css: "status.1.css", script: "status.1.js" };
const pageOf = (status: unknown, now = Date.parse(SINCE)) =>
  renderPage({ status, history: history(), incidents: [], now, assets });
const text = (html: string) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

test.each([
  ["after a check", last],
  ["before the first check", undefined],
  ["after a file that cannot be read", { state: 7 }],
])("asleep %s is a valid status.json, which the page reads as such", (_, previous) => {
  const status = asleep(previous, SINCE, 14);
  expect(Status.parse(status)).toEqual(status);
  expect(readStatus(JSON.parse(JSON.stringify(status)))).toEqual(status);
  expect(status).toMatchObject({ state: "asleep", asleep_since: SINCE });
});

test("says since when in words, with a shape of its own, and calls nothing down", () => {
  const html = pageOf(asleep(last, SINCE, 14));
  const words = text(html);
  expect(words).toContain(
    "Asleep since 26 Nov 2026, 20:03 UTC. Orders are accepted, kept for 14 days, and recorded after",
  );
  expect(words).toContain("Order recording Asleep since 26 Nov 2026, 20:03 UTC");
  expect(words).toContain(
    "Nothing is checked while the platform sleeps. The last check was on 26 Nov 2026, 12:00 UTC.",
  );
  expect(html).toContain(`<svg class="icon asleep" aria-hidden="true"><use href="#asleep"/></svg>`);
  expect(html).toContain(`<symbol id="asleep"`);
  expect(html).not.toContain(`class="icon down"`);
});

test("is not stale, however long it sleeps, and stale again when a woken platform is not checked", () => {
  const now = NOON + 30 * DAY_MS;
  const fresh = { now, checkedAt: NOON, intervalSeconds: 60 };
  expect(isOld({ ...fresh, asleepSince: Date.parse(SINCE) })).toBe(false);
  expect(isOld(fresh)).toBe(true);
  expect(pageOf(asleep(last, SINCE, 14), now)).not.toContain("Not current");
});

test("the first check after waking says no more that it sleeps", () => {
  const status = toStatus(check({}, NOON + DAY_MS), asleep(last, SINCE, 14), { intervalSeconds: 60 });
  expect(status.asleep_since).toBeUndefined();
  expect(status.state).toBe("up");
});
