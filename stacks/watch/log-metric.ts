import { metricsNamespace } from "@cloud-design/stage/names";
import { FilterPattern, type ILogGroup, type JsonPattern, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { Stack } from "sst/constructs";

/** A figure in the lines of a log, where it is over 0. The metric costs nothing while it has no data. */
export function figureOf(stack: Stack, metricName: string, logGroup: ILogGroup, field: string): MetricFilter {
  return new MetricFilter(stack, metricName, {
    logGroup,
    filterPattern: FilterPattern.numberValue(field, ">", 0),
    metricNamespace: metricsNamespace(stack),
    metricName,
    metricValue: field,
  });
}

/** The number of log lines that match all patterns. The metric costs nothing while it has no data. */
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
