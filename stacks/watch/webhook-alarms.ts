import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, use } from "sst/constructs";
import { Webhooks } from "../webhooks.ts";
import { createAlarm } from "./alarm.ts";
import { MINUTE } from "./metrics.ts";

/** The way of an event to the callers' receivers. A failed attempt waits in a queue of its own, and rings nothing. */
export function createWebhookAlarms(stack: Stack): void {
  const { deliveries, deadLetters } = use(Webhooks);
  createAlarm(stack, "webhook-age", {
    metric: deliveries.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: Stats.MAXIMUM }),
    threshold: 300,
    periods: 3,
    because:
      "A delivery has waited for the function for five minutes. Silent receivers alone hold up no others: SQS prefers the rest.",
  });
  createAlarm(stack, "webhook-dead-letters", {
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      period: MINUTE,
      statistic: Stats.MAXIMUM,
    }),
    threshold: 1,
    periods: 1,
    because:
      "A receiver has not taken an event in eight attempts within 28 hours, or the function crashes. Its owner is not told by anything else.",
  });
}
