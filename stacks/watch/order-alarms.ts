import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { LANE_NAMES, LANES } from "@cloud-design/core/billing/lanes";
import { EVENT_REFUSED } from "@cloud-design/core/events";
import { stageSettings } from "@cloud-design/stage/preset";
import { MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { FilterPattern } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { type Stack, use } from "sst/constructs";
import { BACKLOG_TARGET, Billing } from "../billing.ts";
import { Broker } from "../broker.ts";
import { Inventory } from "../inventory.ts";
import { Orders } from "../orders.ts";
import { Status } from "../status.ts";
import { createAlarm } from "./alarm.ts";
import { countOf, figureOf } from "./log-metric.ts";
import { brokerMetric, FIVE_MINUTES, MINUTE } from "./metrics.ts";

/** The way of an order: an alarm for each place where it can stop. */
export function createOrderAlarms(stack: Stack): void {
  watchSqs(stack);
  watchRabbitMq(stack);
  watchEvents(stack);
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
    metric: use(Broker).service
      ? fetchedInVain(queues.standard)
      : heldBack.metric({ period: MINUTE, statistic: Stats.SUM }),
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

/** The same by SQS's own figures, for a stage that has no others: nothing else tells it that the broker's container is away. */
function fetchedInVain(queue: IQueue): MathExpression {
  return new MathExpression({
    expression: "IF(FILL(handed_on, 0) > 0, 0, FILL(fetched, 0))",
    usingMetrics: {
      fetched: queue.metricNumberOfMessagesReceived({ statistic: Stats.SUM }),
      handed_on: queue.metricNumberOfMessagesDeleted({ statistic: Stats.SUM }),
    },
    period: MINUTE,
    label: "Orders fetched from SQS, while none is handed on",
  });
}

/**
 * From RabbitMQ to the row. The broker reports sums of all its queues, those of the events too: events follow orders and are heard faster than
 * orders are recorded, so a sum that stays is about one of the two, and the runbook says how to tell.
 */
function watchRabbitMq(stack: Stack): void {
  const { name } = use(Broker);
  if (name === undefined) return; // a container reports no such sums
  // Inventory consumes from the same broker, so only the probe knows that billing does not.
  const unconsumed = countOf(stack, "OrdersUnconsumed", use(Status).probe.logGroup, [
    FilterPattern.stringValue("$.message", "=", LOG_MESSAGES.ledger),
    FilterPattern.numberValue("$.consumers", "=", 0),
  ]);
  createAlarm(stack, "billing-consumers", {
    metric: new MathExpression({
      // Three of the five checks in each period.
      expression: "IF(FILL(unconsumed, 0) >= 3, 0, consumers)",
      usingMetrics: {
        unconsumed: unconsumed.metric({ statistic: Stats.SUM }),
        consumers: brokerMetric(name, "ConsumerCount"),
      },
      period: FIVE_MINUTES,
      label: "Consumers, 0 when billing has none",
    }),
    threshold: 1,
    isBelow: true,
    isMissingBad: true,
    periods: 2,
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
      "Billing has held orders, or inventory events, for five minutes and acknowledged none: a database that fails over is back within two.",
  });
  createAlarm(stack, "billing-backlog", {
    metric: brokerMetric(name, "MessageCount", Stats.MINIMUM),
    // The backlog that scaling accepts for the largest fleet.
    threshold: stageSettings(stack.stage).billingTasks.max * BACKLOG_TARGET,
    periods: 10,
    because:
      "For ten minutes more orders, or events, have waited than all the tasks that may run are meant to have: scaling has not helped.",
  });
  createAlarm(stack, "billing-dead-letters", {
    metric: brokerMetric(name, "MessageReadyCount", Stats.MINIMUM),
    threshold: 1,
    periods: 15,
    because:
      "For a quarter of an hour a message has been in RabbitMQ without a consumer: a dead letter of an order or of an event, unless billing-consumers, billing-backlog or inventory-unhealthy ring too.",
  });
}

/** From the row to the subscribers. */
function watchEvents(stack: Stack): void {
  const message = (text: string) => [FilterPattern.stringValue("$.message", "=", text)];
  const waiting = countOf(stack, "EventsWait", use(Billing).logs, message(LOG_MESSAGES.eventsWait));
  createAlarm(stack, "events-waiting", {
    metric: waiting.metric({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 1,
    periods: 3,
    because:
      "For a quarter of an hour billing could not publish events of orders, which wait in its outbox; a broker's node or a new subscriber is there sooner. Orders are recorded meanwhile.",
  });
  const refused = countOf(stack, "EventsRefused", use(Inventory).logs, message(EVENT_REFUSED));
  createAlarm(stack, "events-refused", {
    metric: refused.metric({ period: FIVE_MINUTES, statistic: Stats.SUM }),
    threshold: 1,
    periods: 1,
    because:
      "A subscriber has laid an event aside that it can never hear. It stays among the dead letters, and counts for nothing.",
  });
}
