import { MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, use } from "sst/constructs";
import { Webhooks } from "../webhooks.ts";
import { createAlarm } from "./alarm.ts";
import { FIVE_MINUTES, MINUTE } from "./metrics.ts";

const LEAST = { period: FIVE_MINUTES, statistic: Stats.MINIMUM };

/** The way of an event to the callers' receivers. A failed attempt waits in a queue of its own, and rings only when inventory leaves it there. */
export function createWebhookAlarms(stack: Stack): void {
  const { deliveries, retries, deadLetters } = use(Webhooks);
  createAlarm(stack, "webhook-age", {
    metric: deliveries.metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: Stats.MAXIMUM }),
    threshold: 300,
    periods: 3,
    because:
      "A delivery has waited for the function for five minutes. Silent receivers alone hold up no others: SQS prefers the rest.",
  });
  createAlarm(stack, "webhook-retries", {
    metric: new MathExpression({
      // One that fails in inventory is in flight most of the time. The age of the oldest would leave it out after three receives.
      expression: "FILL(visible, 0) + FILL(inflight, 0)",
      usingMetrics: {
        visible: retries.metricApproximateNumberOfMessagesVisible(LEAST),
        inflight: retries.metricApproximateNumberOfMessagesNotVisible(LEAST),
      },
      period: FIVE_MINUTES,
      label: "Deliveries whose wait is over",
    }),
    threshold: 1,
    periods: 3,
    because:
      "For fifteen minutes inventory has not sent a delivery on whose wait is over. It takes each within a second, unless it cannot read its database or SQS.",
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
