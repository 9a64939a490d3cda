import type { Route } from "@cloud-design/functions/gateway/routes";
import { classOf, THROTTLES } from "@cloud-design/functions/gateway/throttles";

/** Says whether a route may take one more request now. */
export type Throttling = (route: Route) => boolean;

/**
 * A token bucket for each route, as API Gateway has (developer guide, "Throttle requests to your HTTP APIs for better throughput"). It holds the
 * burst, and gets the rate of tokens a second. `now` is in milliseconds.
 */
export function tokenBuckets(now: () => number = () => performance.now()): Throttling {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (route) => {
    const { rate, burst } = THROTTLES[classOf(route)];
    const { tokens, at } = buckets.get(route.key) ?? { tokens: burst, at: now() };
    const moment = now();
    const filled = Math.min(burst, tokens + ((moment - at) / 1_000) * rate);
    const isTaken = filled >= 1;
    buckets.set(route.key, { tokens: isTaken ? filled - 1 : filled, at: moment });
    return isTaken;
  };
}

/** For measurements of everything behind the throttles. */
export const unthrottled: Throttling = () => true;
