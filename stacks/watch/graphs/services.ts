import { type GraphWidgetProps, type IMetric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { FargateService } from "aws-cdk-lib/aws-ecs";
import { HttpCodeTarget } from "aws-cdk-lib/aws-elasticloadbalancingv2";
import { type Stack, use } from "sst/constructs";
import { Billing } from "../../billing.ts";
import { Broker } from "../../broker.ts";
import { Cluster } from "../../cluster.ts";
import type { Noun } from "../../constructs/database-server.ts";
import { Inventory } from "../../inventory.ts";
import { distinctServers } from "../database-alarms.ts";
import {
  brokerDiskPercent,
  brokerMemoryPercent,
  brokerMetric,
  burstBalance,
  MINUTE,
  proxyConnectionsPercent,
  proxyMetric,
} from "../metrics.ts";
import { graph, MAXIMUM, ownMetric, SUM } from "./widgets.ts";

/** Load, traffic, failures and latency of a service's tasks. */
export function serviceGraphs(noun: Noun): GraphWidgetProps[] {
  const { service, targetGroup } = use(noun === "inventory" ? Inventory : Billing);
  const { metrics } = targetGroup;
  return [
    graph(`${noun}: load, %`, loadOf(service), [
      metrics.healthyHostCount({ ...MAXIMUM, label: "healthy tasks" }),
      metrics.unhealthyHostCount({ ...MAXIMUM, label: "unhealthy tasks" }),
    ]),
    graph(
      `${noun}: requests a minute`,
      [
        metrics.requestCount({ ...SUM, label: "all" }),
        metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, { ...SUM, label: "5xx" }),
      ],
      [metrics.targetResponseTime({ period: MINUTE, statistic: Stats.p(99), label: "99 of 100, s" })],
    ),
  ];
}

function loadOf(service: FargateService): IMetric[] {
  return [
    service.metricCpuUtilization({ period: MINUTE, label: "CPU" }),
    service.metricMemoryUtilization({ period: MINUTE, label: "memory" }),
  ];
}

/** The share of its database that a service's tasks use. */
export function poolGraphs(stack: Stack, noun: Noun): GraphWidgetProps[] {
  return [
    graph(
      `${noun}: operations on the database at once`,
      [
        ownMetric(stack, noun, "database.pool.in_use", { statistic: Stats.MAXIMUM, label: "busiest task" }),
        ownMetric(stack, noun, "database.pool.in_use", { statistic: Stats.AVERAGE, label: "average task" }),
      ],
      [
        ownMetric(stack, noun, "database.pool.discarded", { label: "pools given up" }),
        ownMetric(stack, noun, "requests.shed", { label: "requests shed" }),
      ],
    ),
  ];
}

/** The server of this service, which may be shared. */
export function databaseGraphs(noun?: Noun): GraphWidgetProps[] {
  const servers = distinctServers();
  return (noun && servers.length > 1 ? servers.filter(([name]) => name === noun) : servers).flatMap(
    ([name, { instance, proxy }]) => [
      graph(
        `${name}-database: CPU, connections, %`,
        [
          instance.metricCPUUtilization({ period: MINUTE, label: "CPU" }),
          ...(proxy ? [proxyConnectionsPercent(proxy)] : []),
        ],
        [
          proxy
            ? proxyMetric(proxy, "DatabaseConnectionsCurrentlySessionPinned").with({ label: "pinned" })
            : instance.metricDatabaseConnections({ ...MAXIMUM, label: "connections" }),
        ],
      ),
      graph(`${name}-database: free storage, bytes`, [
        instance.metricFreeStorageSpace({ period: MINUTE, statistic: Stats.MINIMUM, label: "free" }),
      ]),
      graph(`${name}-database: left to burst, %`, [
        burstBalance(instance, "IO", "I/O operations"),
        burstBalance(instance, "Byte", "bytes"),
      ]),
    ],
  );
}

/** How long the gateway will still accept the balancer's certificate. */
export function certificateGraph(): GraphWidgetProps {
  const { daysLeft } = use(Cluster).certificate;
  return graph("Balancer: days until its certificate ends", [daysLeft.with({ label: "days" })]);
}

export function brokerGraphs(): GraphWidgetProps[] {
  const { name, service } = use(Broker);
  if (service) return [graph("Broker: load, %", loadOf(service))];
  if (name === undefined) return [];
  return [
    graph("Broker: memory, %", [brokerMemoryPercent(name)]),
    graph("Broker: disk, %", [brokerDiskPercent(name)]),
    graph("Broker: connections", [brokerMetric(name, "ConnectionCount").with({ label: "connections" })]),
  ];
}
