import type { Lane } from "@cloud-design/core/billing/lanes";

export interface Depths {
  /** Null if the queue does not answer. */
  orders: number | null;
  ordersDead: number | null;
  billing: number | null;
  billingDead: number | null;
}

/** How many messages of a queue's depth belong to each lane. */
export type LaneDepths = Record<Lane, number>;

export interface QueueGauge {
  read(): Promise<Depths & { lanes?: { orders: LaneDepths | null; billing: LaneDepths | null } }>;
  close(): Promise<void>;
}
