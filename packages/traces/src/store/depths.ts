export interface Depths {
  /** Null where nobody answers. */
  orders: number | null;
  ordersDead: number | null;
  billing: number | null;
  billingDead: number | null;
}

export interface QueueGauge {
  read(): Promise<Depths>;
  close(): Promise<void>;
}
