/** The limits of the function that delivers to webhooks, and of its two queues: the same numbers on AWS and on the laptop. */
export const WEBHOOK_DELIVERY = {
  /** Longer than the 5 s of a receiver, with time to hand on each failure of a batch. */
  timeoutSeconds: 15,
  /** Six times the function's time-out, as AWS recommends. */
  visibilitySeconds: 90,
  /** The maximum of SQS. */
  retentionDays: 14,
  /**
   * The maximum of SQS: 25 hours. An attempt that fails is a new message; but a crash, an SQS that takes no message, a
   * start that Lambda throttles, and a secret that cannot be read make one be received again.
   */
  receivesMax: 1_000,
  /** They are posted together, so the slowest receiver of a batch ends it after 5 s. */
  batchSize: 10,
  /**
   * A hundred posts at once. SQS holds back the messages of a webhook that has 30 of them and a tenth of all in flight,
   * while messages of others wait (developer guide, "Amazon SQS fair queues"): so a slow receiver keeps the others
   * waiting for no more than the 5 s of one batch.
   */
  concurrency: 10,
  /** Where nothing is reserved for orders: Lambda's minimum, because a new account has ten places in all. */
  concurrencyShared: 2,
} as const;

/** The queue of waiting attempts, which inventory reads. */
export const WEBHOOK_RETRIES = {
  /** Longer than inventory needs for a batch. */
  visibilitySeconds: 30,
  retentionDays: 14,
  /** The maximum of SQS: it fails only while inventory's database or SQS is away. */
  receivesMax: 1_000,
} as const;
