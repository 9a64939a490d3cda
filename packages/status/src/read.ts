// Tolerant readers, used in the browser too, where a schema library would be larger than the page. Parts that cannot be
// read are left out; the result is valid by the schemas in this folder.
import { COMPONENT_IDS, eachComponent, STATES, type State } from "./components.ts";
import type { History } from "./history.ts";
import type { Incident } from "./incidents.ts";
import { CHECKS_A_DAY_MAX, DAY_MS, DAYS_MAX, DEFAULT_INTERVAL_SECONDS, dayOf } from "./limits.ts";
import { overall, summarize } from "./overall.ts";
import type { Status } from "./status.ts";

/** Undefined without the time of its check; a component without a readable state is unknown. */
export function readStatus(value: unknown): Status | undefined {
  const raw = fields(value);
  const checkedAt = time(raw.checked_at);
  if (checkedAt === undefined) return undefined;
  const components = eachComponent((id) => {
    const { state, latency_ms, since } = fields(fields(raw.components)[id]);
    return {
      state: STATES.find((known) => known === state) ?? ("unknown" as State),
      ...(isCount(latency_ms) && { latency_ms }),
      since: time(since) ?? checkedAt,
    };
  });
  const states = eachComponent((id) => components[id].state);
  const { orders } = readOrders(raw.orders);
  const deployedAt = time(raw.deployed_at);
  const asleepSince = time(raw.asleep_since);
  const interval = raw.interval_seconds;
  return {
    state: asleepSince === undefined ? overall(states, orders) : "asleep",
    summary: typeof raw.summary === "string" ? raw.summary : summarize(states, orders),
    components,
    ...(orders && { orders }),
    ...(asleepSince !== undefined && { asleep_since: asleepSince }),
    ...(deployedAt !== undefined && { deployed_at: deployedAt }),
    checked_at: checkedAt,
    interval_seconds: typeof interval === "number" && interval > 0 ? interval : DEFAULT_INTERVAL_SECONDS,
  };
}

const ORDER_COUNTS = [
  "oldest_seconds",
  "accepted",
  "recorded",
  "rejected",
  "in_flight",
  "unaccounted",
] as const;

function readOrders(value: unknown): Pick<Status, "orders"> {
  const raw = fields(value);
  const { waiting, is_lower_bound, is_upper_bound } = raw;
  if (!isCount(waiting)) return {};
  const since = time(raw.since);
  const queued = Object.entries(fields(raw.queued)).filter(([, count]) => isCount(count));
  const counts = ORDER_COUNTS.flatMap((name) => (isCount(raw[name]) ? [[name, raw[name]]] : []));
  return {
    orders: {
      waiting,
      ...(is_lower_bound === true && { is_lower_bound }),
      ...(is_upper_bound === true && { is_upper_bound }),
      ...(queued.length > 0 && { queued: Object.fromEntries(queued) as Record<string, number> }),
      ...(since !== undefined && { since }),
      ...Object.fromEntries(counts),
    },
  };
}

/** The 90 days up to `lastDate`. A later day comes from a wrong clock, and would never be dropped. */
export function readHistory(value: unknown, lastDate: string): History {
  const firstDate = dayOf(Date.parse(lastDate) - (DAYS_MAX - 1) * DAY_MS);
  const days = new Map<string, History["days"][number]>();
  for (const entry of list(fields(value).days)) {
    const { date, checks, components } = fields(entry);
    if (typeof date !== "string" || dayOf(Date.parse(date)) !== date) continue;
    if (date < firstDate || date > lastDate) continue;
    if (!isCount(checks) || checks === 0 || checks > CHECKS_A_DAY_MAX) continue;
    days.set(date, { date, checks, components: readCounts(components, checks) });
  }
  return { days: [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1)) };
}

function readCounts(value: unknown, checks: number): History["days"][number]["components"] {
  const raw = fields(value);
  const entries = COMPONENT_IDS.flatMap((id) => {
    const { degraded, down, unknown } = fields(raw[id]);
    if (!isCount(degraded) || !isCount(down) || !isCount(unknown)) return [];
    return degraded + down + unknown > checks ? [] : [[id, { degraded, down, unknown }]];
  });
  return Object.fromEntries(entries);
}

/** Latest first. */
export function readIncidents(value: unknown): Incident[] {
  const incidents = list(value).flatMap((entry): Incident[] => {
    const { id, title, started, resolved, updated, components, impact, body } = fields(entry);
    const startedAt = time(started);
    const resolvedAt = time(resolved);
    const updatedAt = time(updated);
    if (typeof id !== "string" || typeof title !== "string" || startedAt === undefined) return [];
    return [
      {
        id,
        title,
        started: startedAt,
        ...(resolvedAt !== undefined && { resolved: resolvedAt }),
        ...(updatedAt !== undefined && { updated: updatedAt }),
        components: COMPONENT_IDS.filter((known) => list(components).includes(known)),
        impact: typeof impact === "string" ? impact : "",
        body: typeof body === "string" ? body : "",
      },
    ];
  });
  return incidents.sort(latestFirst);
}

export function latestFirst(a: Incident, b: Incident): number {
  return Date.parse(b.started) - Date.parse(a.started);
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function time(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return undefined;
  // Date.parse reads 30 February as 1 March.
  return dayOf(Date.parse(value)) === value.slice(0, 10) ? value : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
