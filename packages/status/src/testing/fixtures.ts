import { type Check, type ComponentId, eachComponent, type State } from "../components.ts";
import type { History } from "../history.ts";
import type { Incident } from "../incidents.ts";
import { DAY_MS, DAYS_MAX, dayOf } from "../limits.ts";

export const NOON = Date.parse("2026-11-26T12:00:00Z");

/** A check that found every component up, except those given. */
export function check(states: Partial<Record<ComponentId, State>> = {}, checkedAt = NOON): Check {
  return {
    checkedAt: new Date(checkedAt).toISOString(),
    components: eachComponent((id) => ({ state: states[id] ?? "up", latencyMs: 12.4 })),
    orders: {
      waiting: 3,
      oldestSeconds: 4.4,
      ledger: {
        since: "2026-11-25T09:12:00Z",
        accepted: 120,
        recorded: 116,
        rejected: 1,
        inFlight: 3,
        unaccounted: 0,
      },
    },
  };
}

/** 90 days up to `until` with one check a minute: some had trouble, three have no data. */
export function history(until = NOON): History {
  const checks = 1_440;
  const days = Array.from({ length: DAYS_MAX }, (_, index) => ({
    date: dayOf(until - (DAYS_MAX - 1 - index) * DAY_MS),
    checks,
    components: TROUBLES[index] ?? {},
  }));
  return { days: days.filter((_, index) => index < 8 || index > 10) };
}

const TROUBLES: Record<number, History["days"][number]["components"]> = {
  30: { rabbitmq: { degraded: 0, down: 25, unknown: 0 }, billing: { degraded: 25, down: 0, unknown: 0 } },
  61: { "sign-in": { degraded: 0, down: 0, unknown: 4 } },
  62: { "sign-in": { degraded: 0, down: 0, unknown: 12 } },
  80: { inventory: { degraded: 90, down: 6, unknown: 0 } },
};

export const INCIDENTS: Incident[] = [
  {
    id: "2026-11-26-slow-search",
    title: "Searching for movies is slow",
    started: "2026-11-26T11:20:00Z",
    components: ["inventory", "inventory-database"],
    impact: "Searches take some seconds.",
    body: "We see **long queries** and look for their cause.\n\n- Reading one movie is not affected.\n- Orders are not affected.",
  },
  {
    id: "2026-10-28-delayed-orders",
    title: "Orders were recorded late",
    started: "2026-10-28T07:02:00Z",
    resolved: "2026-10-28T07:27:00Z",
    components: ["rabbitmq", "billing"],
    impact: "Orders were accepted and recorded up to 25 minutes late.",
    body: "The broker was restarted. See [how an order travels](https://example.com/orders).",
  },
];
