import { expect, test } from "vitest";
import { type ComponentId, eachComponent, type State } from "./components.ts";
import { overall, summarize } from "./overall.ts";

type Found = Partial<Record<ComponentId, State>>;
const states = (found: Found) => eachComponent((id) => found[id] ?? "up");

test.each<[Found, State, string]>([
  [{}, "up", "Everything works."],
  [{ rabbitmq: "down" }, "degraded", "Orders are accepted and recorded with a delay."],
  [{ billing: "degraded" }, "degraded", "Orders are accepted and recorded with a delay."],
  [
    { billing: "down", "billing-database": "unknown", rabbitmq: "unknown" },
    "degraded",
    "Orders are accepted and recorded with a delay.",
  ],
  [{ "billing-database": "unknown" }, "degraded", "Not known right now: Order database."],
  [
    { inventory: "down", "inventory-database": "unknown" },
    "degraded",
    "Movies cannot be read or changed right now. Orders are accepted.",
  ],
  [
    { "inventory-database": "down" },
    "degraded",
    "Movies cannot be read or changed right now. Orders are accepted.",
  ],
  [
    { "inventory-database": "down", rabbitmq: "down" },
    "degraded",
    "Movies cannot be read or changed right now. Orders are accepted and recorded with a delay.",
  ],
  [{ "orders-queue": "down" }, "degraded", "Orders cannot be placed right now."],
  [
    { "orders-queue": "down", inventory: "down" },
    "down",
    "Movies cannot be read or changed right now. Orders cannot be placed right now.",
  ],
  [
    { "orders-queue": "unknown", rabbitmq: "down" },
    "degraded",
    "Orders are recorded with a delay. Not known right now: Order intake.",
  ],
  [{ "sign-in": "down" }, "degraded", "Sign-in does not work right now."],
  [
    { "sign-in": "degraded", inventory: "degraded", api: "unknown" },
    "degraded",
    "Degraded: Sign-in, Movies. Not known right now: API.",
  ],
  [{ api: "down" }, "down", "The API does not answer."],
  [{ api: "down", inventory: "unknown", "orders-queue": "down" }, "down", "The API does not answer."],
])("%j is %s: %s", (found, state, summary) => {
  expect(overall(states(found))).toBe(state);
  expect(summarize(states(found))).toBe(summary);
});

const DELAYED = "Orders are accepted and recorded with a delay.";
const MISSING =
  "2 orders are unaccounted for: they were accepted, and are neither recorded nor on their way.";

test.each<[Found, Parameters<typeof overall>[1], State, string]>([
  [{}, { waiting: 9, oldest_seconds: 30, unaccounted: 0 }, "up", "Everything works."],
  [{}, { waiting: 1, oldest_seconds: 31 }, "degraded", DELAYED],
  [
    { "sign-in": "down" },
    { waiting: 1, oldest_seconds: 31 },
    "degraded",
    `${DELAYED} Sign-in does not work right now.`,
  ],
  [{}, { waiting: 2, oldest_seconds: 9, unaccounted: 2 }, "degraded", MISSING],
  [{ billing: "down" }, { waiting: 2, unaccounted: 2 }, "degraded", `${MISSING} ${DELAYED}`],
  [
    { api: "down" },
    { waiting: 2, oldest_seconds: 60, unaccounted: 2 },
    "down",
    `The API does not answer. ${MISSING}`,
  ],
])("%j with the orders %j is %s: %s", (found, orders, state, summary) => {
  expect(overall(states(found), orders)).toBe(state);
  expect(summarize(states(found), orders)).toBe(summary);
});

test("says that nothing is known when every component is unknown", () => {
  expect(summarize(eachComponent(() => "unknown"))).toBe("Nothing is known right now.");
  expect(overall(eachComponent(() => "unknown"))).toBe("degraded");
});
