import { LANE_NAMES, LANES } from "@cloud-design/core/billing/lanes";
import { settingsOf } from "@cloud-design/stage/settings";
import { MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, use } from "sst/constructs";
import { BACKLOG_TARGET } from "../billing.ts";
import { Broker } from "../broker.ts";
import { Orders } from "../orders.ts";
import { createAlarm } from "./alarm.ts";
import { figureOf } from "./log-metric.ts";
import { brokerMetric, MINUTE } from "./metrics.ts";

/** The way of an order: an alarm for each place where it can stop. */
export function createOrderAlarms(stack: Stack): void {
  watchSqs(stack);
  watchRabbitMq(stack);
}

/** From the gateway's answer to RabbitMQ. */
function watchSqs(stack: Stack): void {
  const { queues, deadLetters, bridge } = use(Orders);
  for (const lane of LANE_NAMES)
    createAlarm(stack, `${LANES[lane].sqs}-age`, {
      metric: queues[lane].metricApproximateAgeOfOldestMessage({ period: MINUTE, statistic: Stats.MAXIMUM }),
      threshold: 300,
      periods: 3,
      because: `An order of the ${lane} lane has waited for the bridge for five minutes: longer than the three after which SQS hands out again what a dead function held.`,
    });
  // SQS leaves a message that was received three times out of that age, and the bridge retries every 10 s; so held-back orders have a count of
  // their own.
  const heldBack = figureOf(stack, "OrdersHeldBack", bridge.logGroup, "$.failed");
  createAlarm(stack, "orders-held-back", {
    metric: heldBack.metric({ period: MINUTE, statistic: Stats.SUM }),
    threshold: 1,
    periods: 5,
    because:
      "For five minutes RabbitMQ has not taken every order: longer than the loss of a node or of a connection lasts. They wait in SQS.",
  });
  createAlarm(stack, "orders-dead-letters", {
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      period: MINUTE,
      statistic: Stats.MAXIMUM,
    }),
    threshold: 1,
    periods: 1,
    because:
      "An order was tried a thousand times, which takes three hours or more. It stays until an operator sends it again.",
  });
}

/** From RabbitMQ to the row. Only billing consumes, and only its lanes and their dead letters exist, so the broker's own sums describe them. */
function watchRabbitMq(stack: Stack): void {
  const { name } = use(Broker);
  createAlarm(stack, "billing-consumers", {
    metric: brokerMetric(name, "ConsumerCount"),
    threshold: 1,
    isBelow: true,
    isMissingBad: true,
    periods: 10,
    because:
      "For ten minutes no task has consumed orders, or the broker has not reported: longer than a task of Spot or a broker's node takes to come back.",
  });
  createAlarm(stack, "billing-stalled", {
    metric: new MathExpression({
      // The rate has no data until the first acknowledgement.
      expression: "IF(FILL(acknowledged, 0) > 0, 0, held)",
      usingMetrics: {
        acknowledged: brokerMetric(name, "AckRate"),
        held: brokerMetric(name, "MessageUnacknowledgedCount", Stats.MINIMUM),
      },
      period: MINUTE,
      label: "Orders held without an acknowledgement",
    }),
    threshold: 1,
    periods: 5,
    because:
      "Billing has held orders for five minutes and acknowledged none: a database that fails over is back within two.",
  });
  createAlarm(stack, "billing-backlog", {
    metric: brokerMetric(name, "MessageCount", Stats.MINIMUM),
    // The backlog that scaling accepts for the largest fleet.
    threshold: settingsOf(stack.stage).billingTasks.max * BACKLOG_TARGET,
    periods: 10,
    because:
      "For ten minutes more orders have waited than all the tasks that may run are meant to have: scaling has not helped.",
  });
  createAlarm(stack, "billing-dead-letters", {
    metric: brokerMetric(name, "MessageReadyCount", Stats.MINIMUM),
    threshold: 1,
    periods: 15,
    because:
      "For a quarter of an hour a message has been in RabbitMQ without a consumer: a dead letter, unless billing-consumers or billing-backlog ring too.",
  });
}
