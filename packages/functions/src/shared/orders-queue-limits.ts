import type { Lane } from "@cloud-design/core/billing/lanes";

/** The limits of the bridge's function and of its queues: the same numbers on AWS and on the laptop. */
export const ORDER_BRIDGE = {
  /** Longer than the 8 s for a confirm, with time to connect before it. */
  timeoutSeconds: 30,
  /** Six times the function's time-out, as AWS recommends, so that a message is not delivered again while it is being handled. */
  visibilitySeconds: 180,
  /** The maximum of SQS. */
  retentionDays: 14,
  /**
   * The maximum of SQS. The bridge fails only while RabbitMQ is away, and retries after at most 10 s: with five
   * receives, an outage would dead-letter good orders within a minute; a thousand outlast the broker's weekly
   * maintenance window of two hours.
   */
  receivesMax: 1_000,
  batchSize: 10,
  /**
   * 3,000 orders a second at about 50 ms a batch: three times the arrivals at ten times today's write throttle (R8), and
   * less than the 5,000 that a single task of billing records (docs/scaling.md), so that RabbitMQ stays almost empty.
   * Each has a connection of its own; the smallest broker takes 100 in all (Amazon MQ, "Default resource limits"). Premium
   * orders, of which there are few, have a third of that on top: a rush of standard ones takes nothing from them.
   */
  concurrency: { standard: 15, priority: 5 },
  /**
   * For each lane where nothing is reserved for orders: Lambda's minimum. While RabbitMQ is silent each of these takes a
   * place for 8 s, and a new account has ten.
   */
  concurrencyShared: 2,
} as const satisfies Record<string, number | Record<Lane, number>>;
