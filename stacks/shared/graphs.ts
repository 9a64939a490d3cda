import { type GraphWidgetProps, type IMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { HttpCodeTarget } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { use } from "sst/constructs";
import { Api } from "../api.ts";
import { Billing } from "../billing.ts";
import { Broker } from "../broker.ts";
import { Gateway } from "../gateway.ts";
import { Inventory } from "../inventory.ts";
import { Orders } from "../orders.ts";
import { distinctServers } from "./database-alarms.ts";
import {
  brokerDiskPercent,
  brokerMemoryPercent,
  brokerMetric,
  MINUTE,
  proxyConnectionsPercent,
  proxyMetric,
} from "./metrics.ts";

const SUM = { period: MINUTE, statistic: Stats.SUM };
const MAXIMUM = { period: MINUTE, statistic: Stats.MAXIMUM };

export function ordersGraphs(): GraphWidgetProps[] {
  const { queue, deadLetters } = use(Orders);
  const { name } = use(Broker);
  const recorded = new MathExpression({
    expression: "60 * acknowledged",
    usingMetrics: { acknowledged: brokerMetric(name, "AckRate", Stats.AVERAGE) },
    period: MINUTE,
    label: "recorded or rejected",
  });
  return [
    graph("Orders a minute", [
      queue.metricNumberOfMessagesSent({ ...SUM, label: "accepted" }),
      queue.metricNumberOfMessagesDeleted({ ...SUM, label: "handed to RabbitMQ" }),
      recorded,
    ]),
    graph(
      "Orders in SQS",
      [
        queue.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "waiting" }),
        queue.metricApproximateNumberOfMessagesNotVisible({ ...MAXIMUM, label: "in flight" }),
        deadLetters.metricApproximateNumberOfMessagesVisible({ ...MAXIMUM, label: "dead letters" }),
      ],
      [queue.metricApproximateAgeOfOldestMessage({ ...MAXIMUM, label: "oldest, s" })],
    ),
    graph(
      "Orders in RabbitMQ",
      [
        brokerMetric(name, "MessageReadyCount").with({ label: "ready, with dead letters" }),
        brokerMetric(name, "MessageUnacknowledgedCount").with({ label: "held by billing" }),
      ],
      [brokerMetric(name, "ConsumerCount").with({ label: "consumers" })],
    ),
  ];
}

export function apiGraphs(): GraphWidgetProps[] {
  const { httpApi } = use(Api);
  const { gateway } = use(Gateway);
  const { bridge } = use(Orders);
  return [
    graph("API requests a minute", [
      httpApi.metricCount({ ...SUM, label: "all" }),
      httpApi.metricClientError({ ...SUM, label: "4xx" }),
      httpApi.metricServerError({ ...SUM, label: "5xx" }),
    ]),
    graph("API latency, ms", [
      httpApi.metricLatency({ period: MINUTE, statistic: Stats.p(50), label: "half" }),
      httpApi.metricLatency({ period: MINUTE, statistic: Stats.p(99), label: "99 of 100" }),
    ]),
    graph(
      "Functions a minute",
      [
        gateway.metricErrors({ ...SUM, label: "gateway errors" }),
        gateway.metricThrottles({ ...SUM, label: "gateway throttles" }),
        bridge.metricErrors({ ...SUM, label: "order-bridge errors" }),
        bridge.metricThrottles({ ...SUM, label: "order-bridge throttles" }),
      ],
      [gateway.metric("ConcurrentExecutions", { ...MAXIMUM, label: "gateways at once" })],
    ),
  ];
}

export function serviceGraphs(): GraphWidgetProps[] {
  return Object.entries({ inventory: use(Inventory), billing: use(Billing) }).flatMap(
    ([noun, { service, targetGroup }]) => [
      graph(
        `${noun}: load, %`,
        [
          service.metricCpuUtilization({ period: MINUTE, label: "CPU" }),
          service.metricMemoryUtilization({ period: MINUTE, label: "memory" }),
        ],
        [targetGroup.metrics.healthyHostCount({ ...MAXIMUM, label: "healthy tasks" })],
      ),
      graph(
        `${noun}: requests a minute`,
        [
          targetGroup.metrics.requestCount({ ...SUM, label: "all" }),
          targetGroup.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { ...SUM, label: "5xx" }),
        ],
        [
          targetGroup.metrics.targetResponseTime({
            period: MINUTE,
            statistic: Stats.p(99),
            label: "99 of 100, s",
          }),
        ],
      ),
    ],
  );
}

export function databaseGraphs(): GraphWidgetProps[] {
  return distinctServers().flatMap(([noun, { instance, proxy }]) => [
    graph(
      `${noun}-database: CPU, connections, %`,
      [instance.metricCPUUtilization({ period: MINUTE, label: "CPU" }), proxyConnectionsPercent(proxy)],
      [proxyMetric(proxy, "DatabaseConnectionsCurrentlySessionPinned").with({ label: "pinned" })],
    ),
    graph(`${noun}-database: free storage, bytes`, [
      instance.metricFreeStorageSpace({ period: MINUTE, statistic: Stats.MINIMUM, label: "free" }),
    ]),
  ]);
}

export function brokerGraphs(): GraphWidgetProps[] {
  const { name } = use(Broker);
  return [
    graph("Broker: memory, %", [brokerMemoryPercent(name)]),
    graph("Broker: disk, %", [brokerDiskPercent(name)]),
    graph("Broker: connections", [brokerMetric(name, "ConnectionCount").with({ label: "connections" })]),
  ];
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidgetProps {
  return { title, left, right, leftYAxis: { min: 0 }, rightYAxis: { min: 0 } };
}
