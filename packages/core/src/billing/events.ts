// The names that an order leaves in logs and traces. The code that writes them and the code that looks for them import
// them from here. Saved queries, alarms and the documents use the same texts, so a text must not change by itself.
import { BILLING_DEAD_LETTERS, BILLING_QUEUE, ORDERS_DEAD_LETTERS } from "./queue-names.ts";

/** The messages of log lines. */
export const LOG_MESSAGES = {
  /** The gateway: SQS has the order, and the caller is answered next. The status probe counts accepted orders by it. */
  accepted: "order accepted",
  /** order-bridge: the first attempt to pass the order to RabbitMQ failed. */
  staysInSqs: "order stays in SQS",
  /** order-bridge: RabbitMQ has confirmed the order. */
  handedOver: "order handed over",
  /** Billing: the order's row exists, from this delivery or from an earlier one. */
  recorded: "order recorded",
  /** Billing: the order can never be recorded and became a dead letter. */
  rejected: "order rejected",
  /** Billing: events of orders could not be published and stay in the outbox. An alarm counts it. */
  eventsWait: "events wait in the outbox",
  /** The dead-letters function, or the laptop's command line: an operator replays or drops a dead letter. */
  deadLetterChanged: "dead letter changed",
  /** The personal-data function, or the laptop's command line: an operator reads or erases what is kept of a person. */
  personalData: "personal data asked for",
  /** The status probe: the balance of all orders. An alarm counts the lines that have no figure. */
  ledger: "ledger",
} as const;

/** The names of spans. Each also has the order's id as the attribute `order.id`. */
export const SPAN_NAMES = {
  /** The gateway puts the order into SQS (producer). */
  sendOrders: "send orders",
  /** order-bridge passes the order to RabbitMQ (producer); one span for each attempt. */
  sendBilling: `send ${BILLING_QUEUE}`,
  /** Billing handles a delivery of the order (consumer). */
  processBilling: `process ${BILLING_QUEUE}`,
  /** An operator puts a dead letter of SQS back into SQS (producer). */
  replayOrders: `replay ${ORDERS_DEAD_LETTERS}`,
  /** An operator puts a dead letter of RabbitMQ back into its queue (producer). */
  replayBilling: `replay ${BILLING_DEAD_LETTERS}`,
  /** An operator deletes a dead letter of SQS (internal). */
  dropOrders: `drop ${ORDERS_DEAD_LETTERS}`,
  /** An operator deletes a dead letter of RabbitMQ (internal). */
  dropBilling: `drop ${BILLING_DEAD_LETTERS}`,
} as const;

/** The names of events on a span. */
export const SPAN_EVENTS = {
  /** On `processBilling`: a dependency of billing, such as its database, does not answer. */
  waits: "waits for a dependency",
} as const;
