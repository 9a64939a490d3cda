import type { GraphWidgetProps } from "aws-cdk-lib/aws-cloudwatch";
import { use } from "sst/constructs";
import { Webhooks } from "../../webhooks.ts";
import { graph, MAXIMUM, SUM } from "./widgets.ts";

/** Deliveries to the callers' receivers. */
export function webhookGraphs(): GraphWidgetProps[] {
  const { deliveries, retries, deadLetters, delivery } = use(Webhooks);
  return [
    graph("Webhooks: attempts a minute", [
      deliveries.metricNumberOfMessagesSent({ ...SUM, label: "attempts" }),
      retries.metricNumberOfMessagesSent({ ...SUM, label: "waits after a failure" }),
      delivery.metricErrors({ ...SUM, label: "crashes of the function" }),
    ]),
    graph(
      "Webhooks: deliveries in SQS",
      [
        deliveries.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "due" }),
        retries.metricApproximateNumberOfMessagesDelayed({ ...MAXIMUM, label: "waiting" }),
        retries.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "waited enough" }),
        retries.metricApproximateNumberOfMessagesNotVisible({ ...MAXIMUM, label: "at inventory" }),
        deadLetters.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "dead letters" }),
      ],
      [deliveries.metricApproximateAgeOfOldestMessage({ ...MAXIMUM, label: "oldest due, s" })],
    ),
  ];
}
