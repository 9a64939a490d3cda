import { expect, test } from "vitest";
import { Status } from "./status.ts";
import { check, NOON } from "./testing/fixtures.ts";
import { toStatus } from "./to-status.ts";

const OPTIONS = { intervalSeconds: 60, deployedAt: "2026-11-25T09:12:00Z" };
const MINUTE = 60_000;

test("a check becomes a valid status.json", () => {
  const status = toStatus(check({ billing: "down" }), undefined, OPTIONS);
  expect(Status.parse(status)).toEqual(status);
  expect(status).toMatchObject({
    state: "degraded",
    summary: "Orders are accepted and recorded with a delay.",
    components: { billing: { state: "down", latency_ms: 12, since: "2026-11-26T12:00:00.000Z" } },
    orders: {
      waiting: 3,
      oldest_seconds: 4,
      since: "2026-11-25T09:12:00Z",
      accepted: 120,
      recorded: 116,
      rejected: 1,
      in_flight: 3,
      unaccounted: 0,
    },
    deployed_at: OPTIONS.deployedAt,
    checked_at: "2026-11-26T12:00:00.000Z",
    interval_seconds: 60,
  });
});

test("leaves out values that could not be measured", () => {
  const bare = check();
  bare.components.api = { state: "unknown" };
  const { inFlight: _, unaccounted: __, ...ledger } = bare.orders.ledger;
  bare.orders = { waiting: 3, isUpperBound: true, ledger };
  const status = toStatus(bare, undefined, { intervalSeconds: 5 });
  expect(Status.parse(status)).toEqual(status);
  expect(status.orders).toEqual({
    waiting: 3,
    is_upper_bound: true,
    since: "2026-11-25T09:12:00Z",
    accepted: 120,
    recorded: 116,
    rejected: 1,
  });
  expect(status).not.toHaveProperty("deployed_at");
  expect(status.components.api).not.toHaveProperty("latency_ms");
});

test("a state keeps its start time until it changes", () => {
  const first = toStatus(check({ billing: "down" }), undefined, OPTIONS);
  const second = toStatus(check({ billing: "down", api: "degraded" }, NOON + MINUTE), first, OPTIONS);
  expect(second.components.billing.since).toBe(first.checked_at);
  expect(second.components.api.since).toBe(second.checked_at);
  const third = toStatus(check({}, NOON + 2 * MINUTE), second, OPTIONS);
  expect(third.components.billing.since).toBe(third.checked_at);
});

test.each([
  undefined,
  null,
  "broken",
  [],
  { checked_at: "yesterday" },
  { checked_at: "2026-11-26T11:59:00Z", components: { api: { state: "up", since: "2026-02-30T00:00:00Z" } } },
  { checked_at: "2026-11-26T11:59:00Z", components: { api: { state: "up", since: "2027-01-01T00:00:00Z" } } },
])("a previous status of %j does not affect the new one", (previous) => {
  const status = toStatus(check(), previous, OPTIONS);
  expect(Status.parse(status)).toEqual(status);
  expect(Date.parse(status.components.api.since)).toBeLessThanOrEqual(NOON);
});
