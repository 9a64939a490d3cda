/** What the public may know of the platform: the id that the data carries, and its name in words. */
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

/** What one run of the probe found. */
export interface Check {
  /** ISO 8601, in UTC. */
  checkedAt: string;
  components: Record<ComponentId, { state: State; latencyMs?: number }>;
  orders: OrderCounts;
}

export interface OrderCounts {
  /** Accepted and on the way: neither recorded nor rejected, nor known to be missing. */
  waiting: number;
  /** There may be more: nobody could read which orders were accepted since. */
  isLowerBound?: boolean;
  /** There may be fewer: nobody could say which of them are recorded since. */
  isUpperBound?: boolean;
  /** Of the one that has waited longest; absent where nothing is known of its age. */
  oldestSeconds?: number;
  /** accepted - recorded - rejected - in flight = unaccounted. */
  ledger: {
    /** ISO 8601. */
    since: string;
    accepted: number;
    recorded: number;
    rejected: number;
    /** Absent, as the next one: a part of the way could not be asked. */
    inFlight?: number;
    unaccounted?: number;
  };
}

/** The same thing for each component. */
export function eachComponent<T>(value: (id: ComponentId) => T): Record<ComponentId, T> {
  return Object.fromEntries(COMPONENT_IDS.map((id) => [id, value(id)])) as Record<ComponentId, T>;
}
