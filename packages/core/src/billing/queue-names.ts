export const BILLING_QUEUE = "billing_queue";
/** The name of both the exchange and the queue. */
export const BILLING_DEAD_LETTERS = "billing_dead_letters";
/** The dead-letter queue of SQS. */
export const ORDERS_DEAD_LETTERS = "orders-dead-letters";
