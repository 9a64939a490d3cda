import { metricsNamespace } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  FilterPattern,
  type ILogGroup,
  type JsonPattern,
  MetricFilter,
  type MetricFilterProps,
} from "aws-cdk-lib/aws-logs";
import type { Stack } from "sst/constructs";

type Logged = Pick<MetricFilter, "metric">;

/** A figure in the lines of a log, where it is over 0. The metric costs nothing while it has no data. */
export function figureOf(stack: Stack, metricName: string, logGroup: ILogGroup, field: string): Logged {
  const filterPattern = FilterPattern.numberValue(field, ">", 0);
  return filterOf(stack, metricName, { logGroup, filterPattern, metricValue: field });
}

/** The number of log lines that match all patterns. The metric costs nothing while it has no data. */
export function countOf(
  stack: Stack,
  metricName: string,
  logGroup: ILogGroup,
  patterns: readonly JsonPattern[],
): Logged {
  const filterPattern = FilterPattern.all(...patterns);
  return filterOf(stack, metricName, { logGroup, filterPattern, metricValue: "1" });
}

/** In a stage without metrics of its own the log is not counted, and the metric has no data. */
function filterOf(
  stack: Stack,
  metricName: string,
  props: Pick<MetricFilterProps, "logGroup" | "filterPattern" | "metricValue">,
): Logged {
  const named = { metricNamespace: metricsNamespace(stack), metricName };
  if (stageSettings(stack.stage).hasOwnMetrics)
    return new MetricFilter(stack, metricName, { ...props, ...named });
  return { metric: (options) => new Metric({ namespace: named.metricNamespace, metricName, ...options }) };
}
