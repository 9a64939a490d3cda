/** The bridge's function and the queue that feeds it: the same numbers for AWS and for the laptop. */
export const ORDER_BRIDGE = {
  /** Above the 8 s of a confirm, with room for a connection before it. */
  timeoutSeconds: 30,
  /** Six times the function's, as AWS advises, so that no message is handed out while it is still being handled. */
  visibilitySeconds: 180,
  /** The most that SQS keeps. */
  retentionDays: 14,
  /**
   * The most that SQS knows. The bridge fails only while RabbitMQ is away, and asks again after 10 s at most: five receives would send
   * good orders to the dead letters within a minute of any outage, a thousand outlast the broker's weekly window of two hours.
   */
  receivesMax: 1_000,
  batchSize: 10,
  /** The least that Lambda knows: more only sends RabbitMQ what billing has not asked for yet. */
  concurrency: 2,
} as const;
