import type { BrowserContextOptions } from "playwright-core";
import { expect, test } from "vitest";
import { asleep } from "./asleep.ts";
import { DAY_MS, dayOf } from "./limits.ts";
import { open, type Tab } from "./testing/browser.ts";
import { history, INCIDENTS, NOON } from "./testing/fixtures.ts";
import { type Site, serve, statusOf } from "./testing/site.ts";

const DELAYED = "Orders are accepted and recorded with a delay.";
const HOUR_MS = 3_600_000;
/** The longest refresh interval. */
const REFRESH_MS = 15_000;

const headline = ({ words }: Tab) => words("h1");
const freshness = ({ words }: Tab) => words("#fresh");

/** Opens the page and waits for its first refresh. Its clock then advances only on command. */
async function openFresh(site: Site, options: BrowserContextOptions & { clock?: number } = {}): Promise<Tab> {
  const tab = await open(site, { clock: NOON, ...options });
  await expect.poll(() => freshness(tab)).toMatch(/ago, at|Stale/);
  return tab;
}

test("shows the result of the next check, in place and in the title", async () => {
  await using site = await serve();
  await using tab = await openFresh(site);
  site.data.status = statusOf({ rabbitmq: "down" });
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => headline(tab)).toBe(DELAYED);
  expect(await tab.page.title()).toContain(DELAYED);
  expect(await tab.words("#rabbitmq .state")).toBe("Down since 12:00 UTC");
  expect(tab.complaints).toEqual([]);
});

test("refreshes as often as the probe runs, if more often than every 15 s", async () => {
  await using site = await serve({ status: { ...statusOf(), interval_seconds: 5 } });
  await using tab = await openFresh(site);
  site.data.status = { ...statusOf({ rabbitmq: "down" }), interval_seconds: 5 };
  await tab.page.clock.runFor(5_000);
  await expect.poll(() => headline(tab)).toBe(DELAYED);
});

test("refreshes at most every 2 s, even if the probe runs every millisecond", async () => {
  await using site = await serve({ status: { ...statusOf(), interval_seconds: 0.001 } });
  await using tab = await openFresh(site);
  await tab.page.clock.pauseAt(NOON + HOUR_MS);
  await expect.poll(() => site.refreshes).toBe(2);
  await tab.page.clock.runFor(1_900);
  await expect.poll(() => freshness(tab)).toContain("ago, at");
  expect(site.refreshes).toBe(2);
});

test("counts the seconds since the check", async () => {
  await using site = await serve();
  await using tab = await openFresh(site);
  const first = await freshness(tab);
  await tab.page.clock.runFor(3_000);
  await expect.poll(() => freshness(tab)).not.toBe(first);
  expect(await freshness(tab)).toMatch(/^Checked 1\d seconds ago/);
});

test.each([-HOUR_MS, 0, HOUR_MS])("a browser clock that is off by %d ms makes no difference", async (off) => {
  await using site = await serve();
  await using tab = await openFresh(site, { clock: NOON + off });
  expect(await freshness(tab)).toMatch(/^Checked ([7-9]|1\d) seconds ago, at 12:00 UTC\.$/);
});

test("adds the time for which a cache has kept the answer", async () => {
  await using site = await serve();
  site.headers.age = "60";
  await using tab = await openFresh(site);
  expect(await freshness(tab)).toMatch(/^Checked (6[7-9]|7\d) seconds ago/);
});

test("says that it is stale while the probe is stopped", async () => {
  await using site = await serve();
  await using tab = await openFresh(site);
  site.headers.date = new Date(NOON + 12 * 60_000).toUTCString();
  await tab.page.clock.runFor(REFRESH_MS);
  await expect
    .poll(() => freshness(tab))
    .toBe("Stale since 12:00 UTC: the last check is 12 minutes old. What stands below was true then.");
  expect(await tab.page.title()).toMatch(/^Not current: Everything works\./);
  site.data.status = statusOf({}, NOON + 12 * 60_000);
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => freshness(tab)).toMatch(/^Checked \d+ seconds? ago, at 12:12 UTC/);
  expect(await tab.page.title()).toMatch(/^Everything works\./);
});

test("says since when the platform sleeps, in each row and with a shape, and never that it is stale", async () => {
  await using site = await serve();
  await using tab = await openFresh(site);
  site.data.status = asleep(statusOf({ billing: "down" }), "2026-11-26T12:03:00Z", 14);
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => headline(tab)).toMatch(/^Asleep since 26 Nov 2026, 12:03 UTC\./);
  expect(await tab.words("#billing .state")).toBe("Asleep since 26 Nov 2026, 12:03 UTC");
  expect(await tab.page.locator("#billing use").getAttribute("href")).toBe("#asleep");
  site.headers.date = new Date(NOON + 30 * HOUR_MS).toUTCString();
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => freshness(tab)).toMatch(/^Nothing is checked while the platform sleeps\./);
  expect(await tab.page.title()).toMatch(/^Asleep since /);
  expect(tab.complaints).toEqual([]);
});

test("keeps its content while it cannot be refreshed, says since when, and recovers", async () => {
  await using site = await serve({ status: statusOf({ rabbitmq: "down" }) });
  site.headers.date = new Date(NOON + 100_000).toUTCString();
  await using tab = await openFresh(site);
  site.isDown = true;
  await tab.page.clock.runFor(REFRESH_MS);
  await expect
    .poll(() => freshness(tab))
    .toBe("This page could not be refreshed since 12:01 UTC. It shows the check of 12:00 UTC.");
  expect(await headline(tab)).toBe(DELAYED);
  expect(await tab.page.locator("main.old").count()).toBe(1);
  site.isDown = false;
  site.data.status = statusOf();
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => headline(tab)).toBe("Everything works.");
  expect(await freshness(tab)).toContain("ago, at");
  expect(await tab.page.locator("main.old").count()).toBe(0);
});

test("says so also when the first refresh fails", async () => {
  await using site = await serve();
  site.data.status = "<html>Bad gateway</html>";
  await using tab = await open(site);
  await expect
    .poll(() => freshness(tab))
    .toBe("This page could not be refreshed since 12:00 UTC. It shows the check of 12:00 UTC.");
  expect(await headline(tab)).toBe("Everything works.");
});

test("before the first check it waits and then shows it", async () => {
  await using site = await serve({ status: undefined, history: undefined });
  await using tab = await open(site, { clock: NOON });
  // When the second request is sent, the first has been answered.
  await expect
    .poll(() => tab.page.clock.runFor(REFRESH_MS).then(() => site.refreshes))
    .toBeGreaterThanOrEqual(2);
  expect(await freshness(tab)).toBe("");
  site.data.status = statusOf();
  await expect
    .poll(() => tab.page.clock.runFor(REFRESH_MS).then(() => headline(tab)))
    .toBe("Everything works.");
});

test.each([
  ["a status that is not JSON", { status: "<html>" }, "could not be refreshed"],
  ["a status without its time", { status: { state: "up" } }, "could not be refreshed"],
  ["a status that is null", { status: null }, "could not be refreshed"],
  [
    "a status without components",
    { status: { ...statusOf(), components: undefined } },
    "API Unknown since 12:00 UTC",
  ],
  [
    "an unknown component",
    { status: { ...statusOf(), components: { ...statusOf().components, cache: { state: "down" } } } },
    "Everything works.",
  ],
  ["no history", { history: undefined }, "99.92 % good in 87 days"],
  ["a history that is no JSON", { history: "<html>" }, "99.92 % good in 87 days"],
  ["a history that is a text", { history: '"days"' }, "No checks in the last 90 days"],
  ["10,000 entries of history", { history: longHistory() }, "99.99 % good in 90 days"],
  ["incidents that are not a list", { incidents: { title: "x" } }, "Incidents are not known right now."],
  ["missing incidents", { incidents: undefined }, "Searching for movies is slow"],
  ["10,000 incidents", { incidents: Array(10_000).fill(INCIDENTS[1]) }, "Orders were recorded late"],
])("with %s it shows the rest", async (_, data, said) => {
  await using site = await serve();
  Object.assign(site.data, data);
  await using tab = await open(site);
  await expect.poll(() => freshness(tab)).toMatch(/ago, at|could not/);
  const words = await tab.words("main");
  expect(words).toContain(said);
  expect(words).toContain("Order database");
  // The browser itself reports a missing file on the console.
  expect(tab.complaints.filter((text) => !text.startsWith("Failed to load resource"))).toEqual([]);
});

test("open parts stay open, and the focus stays where it is", async () => {
  await using site = await serve();
  await using tab = await openFresh(site);
  const days = tab.page.locator("#inventory details");
  await days.locator("summary").click();
  const [, resolved] = INCIDENTS;
  const closed = tab.page.locator(`#incident-${INCIDENTS[0]?.id} details`);
  await closed.locator("summary").click();
  const link = tab.page.locator(`#incident-${resolved?.id} a`);
  await tab.page.locator(`#incident-${resolved?.id} summary`).click();
  await link.focus();
  // A new incident comes before the others.
  const news = { ...INCIDENTS[0], id: "news", title: "News", started: "2026-11-26T11:59:00Z" };
  site.data.incidents = [news, ...INCIDENTS];
  site.data.history = { days: history().days.slice(5) };
  site.data.status = statusOf({ rabbitmq: "down" });
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => tab.page.locator("article").count()).toBe(3);
  expect(await days.getAttribute("open")).not.toBeNull();
  expect(await closed.getAttribute("open")).toBeNull();
  expect(await link.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
  // Removing an incident removes its open state with it.
  site.data.incidents = INCIDENTS;
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => tab.page.locator("article").count()).toBe(2);
  expect(await link.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
});

test.each([320, 1280])("nothing moves at a refresh, at %d px", async (width) => {
  await using site = await serve();
  await using tab = await openFresh(site, { viewport: { width, height: 800 } });
  const api = { degraded: 0, down: 700, unknown: 0 };
  const { days } = history();
  const status = statusOf(
    { rabbitmq: "down", billing: "degraded", "sign-in": "degraded" },
    NOON - DAY_MS / 2,
  );
  const components = { ...status.components, api: { ...status.components.api, latency_ms: 1_234 } };
  site.data.status = { ...status, components, orders: { waiting: 0, oldest_seconds: 0 } };
  site.data.history = {
    days: days.map((day) => (day.date === dayOf(NOON) ? { ...day, components: { api } } : day)),
  };
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => freshness(tab)).toContain("Stale since");
  site.isDown = true;
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => freshness(tab)).toContain("could not be refreshed");
  site.isDown = false;
  site.data.status = statusOf();
  await tab.page.clock.runFor(REFRESH_MS);
  await expect.poll(() => headline(tab)).toBe("Everything works.");
  expect(await tab.shift()).toBe(0);
});

function longHistory() {
  const api = { degraded: 0, down: 1, unknown: 0 };
  return {
    days: Array.from({ length: 10_000 }, (_, age) => ({
      date: dayOf(NOON - age * DAY_MS),
      checks: 1_440,
      components: age === 0 ? { api } : {},
    })),
  };
}
