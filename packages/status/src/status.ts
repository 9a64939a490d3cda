import * as z from "zod";
import { type Check, COMPONENT_IDS, eachComponent, STATES, type WaitingOrders } from "./components.ts";
import { overall, summarize } from "./overall.ts";
import { readStatus } from "./read.ts";

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
  /** Absent: nobody could count. */
  orders: z
    .object({
      waiting: z.int().nonnegative(),
      /** There may be more: part of them could not be counted. */
      is_lower_bound: z.literal(true).optional(),
      oldest_seconds_max: z.int().nonnegative().optional(),
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
  return {
    state: overall(states),
    summary: summarize(states),
    components: eachComponent((id) => {
      const { latencyMs } = check.components[id];
      return {
        state: states[id],
        ...(latencyMs === undefined ? {} : { latency_ms: Math.round(latencyMs) }),
        since: since(id),
      };
    }),
    ...(check.orders && { orders: toWire(check.orders) }),
    ...(deployedAt === undefined ? {} : { deployed_at: deployedAt }),
    checked_at: check.checkedAt,
    interval_seconds: intervalSeconds,
  };
}

function toWire({ waiting, isLowerBound, oldestSecondsMax }: WaitingOrders): Status["orders"] {
  return {
    waiting,
    ...(isLowerBound && { is_lower_bound: true }),
    ...(oldestSecondsMax !== undefined && { oldest_seconds_max: Math.ceil(oldestSecondsMax) }),
  };
}
