import { LANE_NAMES, LANES, type Lane } from "@cloud-design/core/billing/lanes";
import { type GraphWidgetProps, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type Stack, use } from "sst/constructs";
import { Broker } from "../../broker.ts";
import { Orders } from "../../orders.ts";
import { brokerMetric, MINUTE } from "../metrics.ts";
import { graph, halfAndSlowest, loggedMetric, MAXIMUM, ownMetric, SUM } from "./widgets.ts";

/** The backlogs. */
export function ordersGraphs(): GraphWidgetProps[] {
  const { queues, deadLetters } = use(Orders);
  const eachLane = <T>(graphed: (queue: (typeof queues)[Lane], name: string) => T[]) =>
    LANE_NAMES.flatMap((lane) => graphed(queues[lane], LANES[lane].sqs));
  const { name } = use(Broker);
  return [
    graph("Orders a minute", [
      ...eachLane((queue, name) => [
        queue.metricNumberOfMessagesSent({ ...SUM, label: `${name}: accepted` }),
        queue.metricNumberOfMessagesDeleted({ ...SUM, label: `${name}: handed to RabbitMQ` }),
      ]),
      ...(name
        ? [settled(name)]
        : eachLane((queue, name) => [
            queue.metricNumberOfMessagesReceived({ ...SUM, label: `${name}: fetched by the bridge` }),
          ])),
    ]),
    graph(
      "Orders in SQS",
      [
        ...eachLane((queue, name) => [
          queue.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: `${name}: waiting` }),
          queue.metricApproximateNumberOfMessagesNotVisible({ ...MAXIMUM, label: `${name}: in flight` }),
        ]),
        deadLetters.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "dead letters" }),
      ],
      eachLane((queue, name) => [
        queue.metricApproximateAgeOfOldestMessage({ ...MAXIMUM, label: `${name}: oldest, s` }),
      ]),
    ),
    ...(name ? [ordersInRabbitMq(name)] : []),
  ];
}

function settled(broker: string): MathExpression {
  return new MathExpression({
    expression: "60 * acknowledged",
    usingMetrics: { acknowledged: brokerMetric(broker, "AckRate", Stats.AVERAGE) },
    period: MINUTE,
    label: "recorded or rejected",
  });
}

function ordersInRabbitMq(broker: string): GraphWidgetProps {
  return graph(
    "Orders in RabbitMQ",
    [
      brokerMetric(broker, "MessageCount").with({ label: "all" }),
      brokerMetric(broker, "MessageReadyCount").with({ label: "ready, with dead letters and events" }),
      brokerMetric(broker, "MessageUnacknowledgedCount").with({ label: "held, with events" }),
    ],
    [brokerMetric(broker, "ConsumerCount").with({ label: "consumers, with those of events" })],
  );
}

/** The outcomes of orders, as billing and the ledger report them. */
export function outcomeGraphs(stack: Stack): GraphWidgetProps[] {
  const billing = (metric: Parameters<typeof ownMetric>[2], label: string) =>
    ownMetric(stack, "billing", metric, { label });
  return [
    graph("Events: failed passes of the outbox, refused by subscribers, a minute", [
      loggedMetric(stack, "EventsWait", "could not be published"),
      loggedMetric(stack, "EventsRefused", "refused by a subscriber"),
    ]),
    graph("Orders by outcome, a minute", [
      ownMetric(stack, "gateway", "orders.accepted", { label: "accepted" }),
      billing("orders.recorded", "recorded"),
      billing("orders.repeated", "there already"),
      billing("orders.rejected", "rejected"),
    ]),
    graph(
      "From acceptance to the row, s",
      halfAndSlowest((options) => ownMetric(stack, "billing", "orders.time_to_recorded", options)),
    ),
    graph(
      "Orders unaccounted for, and held back",
      [
        loggedMetric(stack, "OrdersUnaccounted", "unaccounted").with({ statistic: Stats.MAXIMUM }),
        loggedMetric(stack, "OrdersHeldBack", "not taken by RabbitMQ"),
      ],
      [
        loggedMetric(stack, "LedgerBlind", "checks without a figure"),
        loggedMetric(stack, "OrdersUnconsumed", "checks without a consumer in billing"),
        loggedMetric(stack, "StalledChecks", "checks since an order was settled").with({
          statistic: Stats.MAXIMUM,
        }),
      ],
    ),
  ];
}

/** The time that each hop takes, and the interruptions. */
export function hopGraphs(stack: Stack): GraphWidgetProps[] {
  const both = (metric: Parameters<typeof ownMetric>[2]) =>
    ["order-bridge", "billing"].map((service) => ownMetric(stack, service, metric, { label: service }));
  return [
    graph("Wait in SQS and at the bridge, s", [
      ...halfAndSlowest((options) => ownMetric(stack, "order-bridge", "orders.sqs.wait", options)),
    ]),
    graph("Wait in RabbitMQ, s", [
      ...halfAndSlowest((options) => ownMetric(stack, "billing", "orders.rabbitmq.wait", options)),
    ]),
    graph("Orders in one transaction", [
      ...halfAndSlowest((options) => ownMetric(stack, "billing", "orders.batch.size", options)),
    ]),
    graph(
      "Lost connections to RabbitMQ, and confirms that stayed out",
      both("broker.reconnects"),
      both("broker.confirms_timed_out").map((metric) => metric.with({ label: `${metric.label}: confirms` })),
    ),
  ];
}
