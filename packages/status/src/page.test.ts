import { expect, test } from "vitest";
import { renderPage } from "./page.ts";
import { check, history, INCIDENTS, NOON } from "./testing/fixtures.ts";
import { toStatus } from "./to-status.ts";

const assets = { css: "status.1.css", script: "status.1.js" };
const status = toStatus(check({ billing: "down" }), undefined, { intervalSeconds: 60 });
const page = (model: Partial<Parameters<typeof renderPage>[0]> = {}) =>
  renderPage({ status, history: history(), incidents: INCIDENTS, now: NOON, assets, ...model });
const text = (html: string) => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

test("describes the result of the check in words", () => {
  const words = text(page());
  for (const said of [
    "Orders are accepted and recorded with a delay.",
    "Order recording Down since 12:00 UTC 12 ms",
    "Sign-in Up 12 ms",
    "3 orders wait to be recorded, the oldest for 4 seconds.",
    "Since 25 Nov, 09:12 UTC: 120 orders accepted, 116 recorded, 1 rejected, 3 on the way.",
    "Checked 26 Nov 2026, 12:00 UTC. If that is more than 3 minutes ago, this page is stale.",
    "Searching for movies is slow Open since 11:20 UTC · Movies, Movie database",
    "Resolved: 28 Oct, 07:02 UTC to 07:27 UTC",
    "Last deployment of a new version: not known.",
  ]) {
    expect(words).toContain(said);
  }
});

test("describes a day with trouble in words, with its kind and duration", () => {
  const words = text(page());
  expect(words).toContain("99.92 % good in 87 days 17 Nov 2026: down about 6 min, degraded about 90 min");
  expect(words).toContain("100 % good in 87 days No day with trouble.");
});

test("the share of good checks is 100 % only when all checks were good", () => {
  const days = [
    { date: "2026-11-26", checks: 80_000, components: { api: { degraded: 1, down: 0, unknown: 0 } } },
  ];
  expect(text(page({ history: { days } }))).toContain("API Up 12 ms 99.99 % good in 55 days");
});

test.each([
  [7, "100 % good in 7 minutes"],
  [1, "100 % good in 60 seconds"],
  [1_440, "100 % good in 24 hours"],
])("after %d checks, one a minute, the period is as long as they took", (checks, said) => {
  const days = [{ date: "2026-11-26", checks, components: {} }];
  expect(text(page({ history: { days } }))).toContain(said);
});

test("lists the latest days of a component with trouble every day, and counts the others", () => {
  const api = { degraded: 0, down: 10, unknown: 0 };
  const { days } = history();
  const words = text(page({ history: { days: days.map((day) => ({ ...day, components: { api } })) } }));
  expect(words).toContain("26 Nov 2026: down about 10 min");
  expect(words).toContain("and 72 more");
});

test("describes waiting orders by the known figures only", () => {
  const withOrders = (orders: unknown) => text(page({ status: { ...status, orders } }));
  expect(withOrders({ waiting: 0, oldest_seconds: 0 })).toContain("No order waits to be recorded.");
  expect(withOrders({ waiting: 1, oldest_seconds: 1 })).toContain(
    "1 order waits to be recorded, for 1 second.",
  );
  expect(withOrders({ waiting: 2 })).toContain("2 orders wait to be recorded.");
  expect(withOrders({ waiting: 2 })).not.toContain("by lane");
  expect(withOrders({ waiting: 2, queued: { standard: 2, priority: 0 } })).toContain(
    "2 orders wait to be recorded. In the queues by lane: standard 2, priority 0.",
  );
  expect(withOrders({ waiting: 2, is_lower_bound: true, oldest_seconds: 150 })).toContain(
    "At least 2 orders wait to be recorded, the oldest for 2 minutes.",
  );
  expect(withOrders({ waiting: 2, is_upper_bound: true })).toContain("At most 2 orders wait to be recorded.");
  for (const orders of [
    undefined,
    { waiting: 0, is_lower_bound: true },
    { waiting: 5, is_lower_bound: true, is_upper_bound: true },
  ])
    expect(withOrders(orders)).toContain("How many orders wait is not known.");
});

test("mentions missing orders only when some are missing", () => {
  const totals = { waiting: 2, since: "2026-11-26T09:12:00Z", accepted: 5, recorded: 3, rejected: 0 };
  const withOrders = (orders: unknown) => text(page({ status: { ...status, orders } }));
  const since = "Since 09:12 UTC: 5 orders accepted, 3 recorded, 0 rejected";
  expect(withOrders({ ...totals, in_flight: 2, unaccounted: 0 })).toContain(`${since}, 2 on the way.`);
  expect(withOrders({ ...totals, in_flight: 1, unaccounted: 1 })).toContain(
    `${since}, 1 on the way, 1 unaccounted for.`,
  );
  expect(withOrders(totals)).toContain(`${since}, 2 not known.`);
  expect(withOrders({ waiting: 2 })).toContain("What became of the orders is not known.");
});

test("a page rendered long after the check says that it is stale", () => {
  const old = page({ now: NOON + 12 * 60_000 });
  expect(text(old)).toContain("Stale since 12:00 UTC: the last check is 12 minutes old.");
  expect(old).toContain("<title>Not current: Orders are accepted");
});

test.each([
  ["no status", { status: undefined }, "No check has run yet."],
  ["a status that cannot be read", { status: { state: "up" } }, "The last check cannot be read."],
  ["no history", { history: undefined }, "No checks in the last 90 days"],
  ["a history that cannot be read", { history: { days: [{ date: 5 }] } }, "No checks in the last 90 days"],
  ["no incidents", { incidents: [] }, "No incident has been reported."],
  ["incidents that cannot be read", { incidents: "none" }, "Incidents are not known right now."],
])("with %s it says so and shows the rest", (_, model, said) => {
  const words = text(page(model));
  expect(words).toContain(said);
  expect(words).toContain("Order recording");
});

test("shows only the latest incidents", () => {
  const many = Array.from({ length: 500 }, (_, index) => ({ ...INCIDENTS[1], id: `incident-${index}` }));
  expect(page({ incidents: many }).match(/<article/g)).toHaveLength(10);
});

test("nothing in the data becomes markup", () => {
  const evil = '"><script>alert(1)</script><p title="';
  const html = page({
    status: { ...status, summary: evil },
    incidents: [{ ...INCIDENTS[0], id: evil, title: evil, impact: evil, body: evil }],
  });
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toContain('title=""');
});

test("has no inline script or handler, and loads only from its own site", () => {
  const html = page();
  expect(html.match(/<script[^>]*>[^<]*/g)).toEqual(['<script type="module" src="/status/status.1.js">']);
  expect(html).not.toMatch(/\son\w+=/);
  expect(html.replaceAll(/<a [^>]*>/g, "")).not.toMatch(/(src|href)="(https?:)?\/\//);
});
