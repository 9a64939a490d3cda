import { type Check, eachComponent, type OrderCounts } from "./components.ts";
import { overall, summarize } from "./overall.ts";
import { readStatus } from "./read.ts";
import type { Status } from "./status.ts";

/** The public status of a check. A state that is unchanged since the previous status keeps its start time. */
export function toStatus(
  check: Check,
  previous: unknown,
  { intervalSeconds, deployedAt }: { intervalSeconds: number; deployedAt?: string },
): Status {
  const before = readStatus(previous);
  const states = eachComponent((id) => check.components[id].state);
  const since = (id: keyof typeof states) => {
    const known = before?.components[id];
    return known?.state === states[id] && known.since < check.checkedAt ? known.since : check.checkedAt;
  };
  const orders = toWire(check.orders);
  return {
    state: overall(states, orders),
    summary: summarize(states, orders),
    components: eachComponent((id) => {
      const { latencyMs } = check.components[id];
      return {
        state: states[id],
        ...(latencyMs === undefined ? {} : { latency_ms: Math.round(latencyMs) }),
        since: since(id),
      };
    }),
    orders,
    ...(deployedAt === undefined ? {} : { deployed_at: deployedAt }),
    checked_at: check.checkedAt,
    interval_seconds: intervalSeconds,
  };
}

function toWire({
  waiting,
  isLowerBound,
  isUpperBound,
  queued,
  oldestSeconds,
  ledger,
}: OrderCounts): Status["orders"] {
  const { inFlight, unaccounted, ...totals } = ledger;
  return {
    waiting,
    ...(isLowerBound && { is_lower_bound: true }),
    ...(isUpperBound && { is_upper_bound: true }),
    ...(queued && { queued }),
    ...(oldestSeconds !== undefined && { oldest_seconds: Math.floor(oldestSeconds) }),
    ...totals,
    ...(inFlight !== undefined && { in_flight: inFlight }),
    ...(unaccounted !== undefined && { unaccounted }),
  };
}
