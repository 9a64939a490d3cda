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
  /** Absent: nobody could count. */
  orders?: WaitingOrders;
}

export interface WaitingOrders {
  waiting: number;
  /** Part of them could not be counted. */
  isLowerBound?: boolean;
  /** Absent: nothing is known of their age. */
  oldestSecondsMax?: number;
}

/** The same thing for each component. */
export function eachComponent<T>(value: (id: ComponentId) => T): Record<ComponentId, T> {
  return Object.fromEntries(COMPONENT_IDS.map((id) => [id, value(id)])) as Record<ComponentId, T>;
}
