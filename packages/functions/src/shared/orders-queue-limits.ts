/** The limits of the bridge's function and of its queue: the same numbers on AWS and on the laptop. */
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
  /** The minimum of Lambda: more would only send RabbitMQ orders before billing asks for them. */
  concurrency: 2,
} as const;
