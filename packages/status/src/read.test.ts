import { expect, test } from "vitest";
import { Incident } from "./incidents.ts";
import { readIncidents, readStatus } from "./read.ts";
import { Status } from "./status.ts";
import { check, INCIDENTS } from "./testing/fixtures.ts";
import { toStatus } from "./to-status.ts";

const status = toStatus(check({ rabbitmq: "degraded" }), undefined, {
  intervalSeconds: 5,
  deployedAt: "2026-11-25T09:12:00Z",
});

test("a valid status is read unchanged", () => {
  expect(readStatus(structuredClone(status))).toEqual(status);
});

test.each([
  ["no components", { components: undefined }],
  ["a component of no known state", { components: { ...status.components, api: { state: "fine" } } }],
  [
    "a latency that is negative",
    { components: { ...status.components, api: { ...status.components.api, latency_ms: -1 } } },
  ],
  ["an unknown component", { components: { ...status.components, cache: { state: "down" } } }],
  ["a summary that is no text", { summary: { html: "<b>" } }],
  ["orders that are no numbers", { orders: { waiting: "many", oldest_seconds: -1 } }],
  ["malformed figures", { orders: { waiting: 1, since: "once", accepted: "all", unaccounted: -1 } }],
  ["an interval of nothing", { interval_seconds: 0 }],
  ["a deployment on an invalid date", { deployed_at: "2026-02-30T00:00:00Z" }],
])("a status with %s is read without the invalid part", (_, malformed) => {
  const read = readStatus({ ...status, ...malformed });
  expect(Status.parse(read)).toEqual(read);
  expect(read?.checked_at).toBe(status.checked_at);
});

test("the orders of an older probe without a ledger are read", () => {
  const orders = { waiting: 3, is_lower_bound: true, oldest_seconds_max: 90 };
  expect(readStatus({ ...status, orders })?.orders).toEqual({ waiting: 3, is_lower_bound: true });
});

test("a component that is not in the status is unknown", () => {
  const { api: _, ...others } = status.components;
  expect(readStatus({ ...status, components: others })?.components.api.state).toBe("unknown");
});

test.each([undefined, null, 5, "status", [], {}, { checked_at: 1 }, { ...status, checked_at: "noon" }])(
  "%j is not read as a status",
  (value) => expect(readStatus(value)).toBeUndefined(),
);

test("reads incidents latest first and leaves out malformed entries", () => {
  const read = readIncidents([
    null,
    {},
    { ...INCIDENTS[1], components: ["rabbitmq", "cache"] },
    INCIDENTS[0],
    7,
  ]);
  expect(read.map(({ id }) => id)).toEqual(INCIDENTS.map(({ id }) => id));
  expect(read[1]?.components).toEqual(["rabbitmq"]);
  for (const incident of read) expect(Incident.parse(incident)).toEqual(incident);
});
