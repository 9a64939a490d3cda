import { metricsNamespace } from "@cloud-design/stage/names";
import { FilterPattern, type ILogGroup, type JsonPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Stack } from "sst/constructs";

/** A figure in the lines of a log, wherever it is over 0. While it never is, the metric costs nothing. */
export function figureOf(stack: Stack, metricName: string, logGroup: ILogGroup, field: string): MetricFilter {
  return new MetricFilter(stack, metricName, {
    logGroup,
    filterPattern: FilterPattern.numberValue(field, ">", 0),
    metricNamespace: metricsNamespace(stack),
    metricName,
    metricValue: field,
  });
}

/** How many lines of a log meet all patterns. While none does, the metric costs nothing. */
export function countOf(
  stack: Stack,
  metricName: string,
  logGroup: ILogGroup,
  patterns: readonly JsonPattern[],
): MetricFilter {
  return new MetricFilter(stack, metricName, {
    logGroup,
    filterPattern: FilterPattern.all(...patterns),
    metricNamespace: metricsNamespace(stack),
    metricName,
    metricValue: "1",
  });
}
