import type { Group } from "../identity/scopes.ts";

/**
 * The lanes of orders. Each has queues of its own on both hops, so that an order waits only for orders of its lane.
 * `prefetch` is how many messages of the lane a process of billing holds unacknowledged: its share in a fixed ratio, so
 * that neither lane ever stops the other.
 */
export const LANES = {
  /** `billing_queue` also has the messages of foreign clients. */
  standard: { sqs: "orders", queue: "billing_queue", prefetch: 300 },
  priority: { sqs: "orders-priority", queue: "billing_queue.priority", prefetch: 200 },
} as const;
export type Lane = keyof typeof LANES;
export const LANE_NAMES = Object.keys(LANES) as Lane[];

/** The lane of a caller in these groups of the user pool. */
export function laneOf(groups: readonly string[]): Lane {
  const premium: Group = "premium";
  return groups.includes(premium) ? "priority" : "standard";
}

/** The lane of a queue of SQS or RabbitMQ; a message that came by another way is a standard one. */
export function laneOfQueue(name: unknown): Lane {
  return LANE_NAMES.find((lane) => LANES[lane].sqs === name || LANES[lane].queue === name) ?? "standard";
}

/** The lane of this name; a message that names no lane is a standard one. */
export function laneNamed(name: unknown): Lane {
  return LANE_NAMES.find((lane) => lane === name) ?? "standard";
}

/** The same value made for each lane; `index` is its place in `LANE_NAMES`. */
export function byLane<T>(make: (lane: Lane, index: number) => T): Record<Lane, T> {
  return Object.fromEntries(LANE_NAMES.map((lane, index) => [lane, make(lane, index)])) as Record<Lane, T>;
}

/** The same asked for each lane, all at once. Rejects with the first failure. */
export async function eachLane<T>(ask: (lane: Lane) => Promise<T>): Promise<Record<Lane, T>> {
  const answers = await Promise.all(LANE_NAMES.map(async (lane) => [lane, await ask(lane)]));
  return Object.fromEntries(answers) as Record<Lane, T>;
}
