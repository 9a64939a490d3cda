import * as z from "zod";
import { type Check, COMPONENT_IDS, eachComponent, type OrderCounts, STATES } from "./components.ts";
import { overall, summarize } from "./overall.ts";
import { readStatus } from "./read.ts";

const Count = z.int().nonnegative();

/** `status.json`. */
export const Status = z.object({
  state: z.enum(["up", "degraded", "down"]),
  summary: z.string(),
  components: z.record(
    z.enum(COMPONENT_IDS),
    z.object({
      state: z.enum(STATES),
      latency_ms: z.int().nonnegative().optional(),
      /** When the state became what it is. */
      since: z.iso.datetime(),
    }),
  ),
  /** Absent, as what is optional in it, in the file of an older probe. */
  orders: z
    .object({
      /** Accepted and on the way. */
      waiting: Count,
      is_lower_bound: z.literal(true).optional(),
      is_upper_bound: z.literal(true).optional(),
      oldest_seconds: Count.optional(),
      /** Orders accepted before are in none of the figures that follow. */
      since: z.iso.datetime().optional(),
      accepted: Count.optional(),
      recorded: Count.optional(),
      rejected: Count.optional(),
      /** accepted - recorded - rejected - in_flight = unaccounted; both are absent when a part of the way could not be asked. */
      in_flight: Count.optional(),
      unaccounted: Count.optional(),
    })
    .optional(),
  deployed_at: z.iso.datetime().optional(),
  checked_at: z.iso.datetime(),
  interval_seconds: z.number().positive(),
});
export type Status = z.infer<typeof Status>;

/** What a check says to the public. What has not changed since the previous status keeps its time. */
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
  oldestSeconds,
  ledger,
}: OrderCounts): Status["orders"] {
  const { inFlight, unaccounted, ...totals } = ledger;
  return {
    waiting,
    ...(isLowerBound && { is_lower_bound: true }),
    ...(isUpperBound && { is_upper_bound: true }),
    ...(oldestSeconds !== undefined && { oldest_seconds: Math.floor(oldestSeconds) }),
    ...totals,
    ...(inFlight !== undefined && { in_flight: inFlight }),
    ...(unaccounted !== undefined && { unaccounted }),
  };
}
