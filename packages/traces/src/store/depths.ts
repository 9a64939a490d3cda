export interface Depths {
  /** Null if the queue does not answer. */
  orders: number | null;
  ordersDead: number | null;
  billing: number | null;
  billingDead: number | null;
}

export interface QueueGauge {
  read(): Promise<Depths>;
  close(): Promise<void>;
}
