/** The components that the public may see: the id in the data, and the name in words. */
export const COMPONENTS = {
  api: "API",
  "sign-in": "Sign-in",
  inventory: "Movies",
  "inventory-database": "Movie database",
  "orders-queue": "Order intake",
  rabbitmq: "Order delivery",
  billing: "Order recording",
  "billing-database": "Order database",
} as const;

export type ComponentId = keyof typeof COMPONENTS;

export const COMPONENT_IDS = Object.keys(COMPONENTS) as ComponentId[];

export const STATES = ["up", "degraded", "down", "unknown"] as const;

export type State = (typeof STATES)[number];

export type States = Readonly<Record<ComponentId, State>>;

/** The result of one run of the probe. */
export interface Check {
  /** ISO 8601, in UTC. */
  checkedAt: string;
  components: Record<ComponentId, { state: State; latencyMs?: number }>;
  orders: OrderCounts;
}

export interface OrderCounts {
  /** Orders that were accepted and are neither recorded, rejected nor known to be missing. */
  waiting: number;
  /** True when there may be more: the newly accepted orders could not be read. */
  isLowerBound?: boolean;
  /** True when there may be fewer: it is unknown which of them are recorded by now. */
  isUpperBound?: boolean;
  /** How many messages the queues of each lane hold; absent when one could not be counted. */
  queued?: Record<string, number>;
  /** The age of the order that has waited longest; absent when it is unknown. */
  oldestSeconds?: number;
  /** accepted - recorded - rejected - in flight = unaccounted. */
  ledger: {
    /** ISO 8601. */
    since: string;
    accepted: number;
    recorded: number;
    rejected: number;
    /** Absent, like `unaccounted`, when a part could not be asked. */
    inFlight?: number;
    unaccounted?: number;
  };
}

/** Builds a value for each component. */
export function eachComponent<T>(value: (id: ComponentId) => T): Record<ComponentId, T> {
  return Object.fromEntries(COMPONENT_IDS.map((id) => [id, value(id)])) as Record<ComponentId, T>;
}
