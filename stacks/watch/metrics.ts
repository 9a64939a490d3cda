import { nameOf } from "@cloud-design/stage/names";
import { EDGE_REGION } from "@cloud-design/stage/regions";
import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { DatabaseInstance, DatabaseProxy } from "aws-cdk-lib/aws-rds";
import type { Stack } from "sst/constructs";

export const MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

/**
 * The share of 5xx among all answers in a period. Fewer than `failuresMin` failures count as 0, so that one failure in a quiet hour makes no
 * rate.
 */
export function serverErrorPercent(httpApi: HttpApi, period: Duration, failuresMin: number): MathExpression {
  return new MathExpression({
    expression: `IF(errors >= ${failuresMin}, 100 * errors / requests, 0)`,
    usingMetrics: {
      errors: httpApi.metricServerError({ statistic: Stats.SUM }),
      requests: httpApi.metricCount({ statistic: Stats.SUM }),
    },
    period,
    label: "Answers that are 5xx, %",
  });
}

/** The name of the firewall among its metrics: the one of its visibility configuration (CloudFormation, "AWS::WAFv2::WebACL VisibilityConfig"). */
export function firewallName(stack: Stack): string {
  return nameOf(stack, "edge");
}

/** The requests that any rule of the firewall has blocked. A firewall of CloudFront reports in us-east-1 alone, without a region among the dimensions. */
export function firewallBlocks(stack: Stack, period: Duration): Metric {
  return new Metric({
    namespace: "AWS/WAFV2",
    metricName: "BlockedRequests",
    dimensionsMap: { WebACL: firewallName(stack), Rule: "ALL" },
    statistic: Stats.SUM,
    period,
    region: EDGE_REGION,
  });
}

/**
 * A metric of the whole broker: for a single queue of RabbitMQ 4 Amazon MQ has no metrics (developer guide, "RabbitMQ 4"). Memory and disk of a
 * cluster are the sums of its nodes.
 */
export function brokerMetric(broker: string, metricName: string, statistic: string = Stats.MAXIMUM): Metric {
  return new Metric({
    namespace: "AWS/AmazonMQ",
    metricName,
    dimensionsMap: { Broker: broker },
    statistic,
    period: MINUTE,
  });
}

/** A proxy runs on several machines, each of which reports its own part every minute; hence the sum. */
export function proxyMetric(proxy: DatabaseProxy, metricName: string): Metric {
  return new Metric({
    namespace: "AWS/RDS",
    metricName,
    dimensionsMap: { ProxyName: proxy.dbProxyName },
    statistic: Stats.SUM,
    period: MINUTE,
  });
}

/**
 * How much is left of the I/O operations or bytes by which the instance may exceed its own lasting rate, in percent. Only the small classes
 * burst and report it: they have half an hour a day at their maximum (RDS user guide, "Amazon CloudWatch metrics for Amazon RDS"; Amazon EC2
 * user guide, "Amazon EBS-optimized instances").
 */
export function burstBalance(instance: DatabaseInstance, of: "IO" | "Byte", label = ""): Metric {
  return instance.metric(`EBS${of}Balance%`, { statistic: Stats.MINIMUM, period: FIVE_MINUTES, label });
}

/** The whole is a limit of AWS's and never zero. */
function percentOf(part: IMetric, whole: IMetric, label: string): MathExpression {
  return new MathExpression({
    expression: "100 * part / whole",
    usingMetrics: { part, whole },
    period: MINUTE,
    label,
  });
}

/** How near the broker is to blocking every publisher. */
export function brokerMemoryPercent(broker: string): MathExpression {
  const used = brokerMetric(broker, "RabbitMQMemUsed");
  return percentOf(used, brokerMetric(broker, "RabbitMQMemLimit"), "Memory, % of the limit");
}

/** Below 100 the broker blocks every publisher. */
export function brokerDiskPercent(broker: string): MathExpression {
  const free = brokerMetric(broker, "RabbitMQDiskFree", Stats.MINIMUM);
  return percentOf(free, brokerMetric(broker, "RabbitMQDiskFreeLimit"), "Free disk, % of the limit");
}

/** The share of the connections that the proxy may open. */
export function proxyConnectionsPercent(proxy: DatabaseProxy): MathExpression {
  const open = proxyMetric(proxy, "DatabaseConnections");
  return percentOf(open, proxyMetric(proxy, "MaxDatabaseConnectionsAllowed"), "Connections, % of the limit");
}
