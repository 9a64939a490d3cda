import { LANES } from "./lanes.ts";

/** The queue of the standard lane, to which other systems publish too. */
export const BILLING_QUEUE = LANES.standard.queue;
/** The name of both the exchange and the queue. */
export const BILLING_DEAD_LETTERS = "billing_dead_letters";
/** The dead-letter queue of SQS, for both lanes. */
export const ORDERS_DEAD_LETTERS = "orders-dead-letters";
