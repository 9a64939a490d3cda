import type { MetricName } from "@cloud-design/core/telemetry";
import { metricsNamespace } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import {
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  Metric,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Stack } from "sst/constructs";
import { MINUTE } from "../metrics.ts";
import { type QueryName, queries, queryText } from "../queries.ts";

/** In columns of a dashboard's grid. */
export const COLUMNS = 24;

export const SUM = { period: MINUTE, statistic: Stats.SUM };
export const MAXIMUM = { period: MINUTE, statistic: Stats.MAXIMUM };

export function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidgetProps {
  return { title, left, right, leftYAxis: { min: 0 }, rightYAxis: { min: 0 } };
}

/** Side by side over the whole width, without the metrics that the stage does not have, and without a graph that would be empty. */
export function row(stack: Stack, graphs: readonly GraphWidgetProps[]): IWidget[] {
  const absent = absentNamespaces(stack);
  const isThere = (metric: IMetric) => !namespacesOf(metric).some((namespace) => absent.includes(namespace));
  const shown = graphs
    .map(({ left = [], right = [], ...props }) => ({
      ...props,
      left: left.filter(isThere),
      right: right.filter(isThere),
    }))
    .filter(({ left, right }) => left.length + right.length > 0);
  return shown.map((props) => new GraphWidget({ ...props, width: Math.floor(COLUMNS / shown.length) }));
}

/** The namespaces in which nothing of this stage is reported. */
function absentNamespaces(stack: Stack): string[] {
  const { hasOwnMetrics, hasFirewall, hasContainerInsights } = stageSettings(stack.stage);
  return [
    ...(hasOwnMetrics ? [] : [metricsNamespace(stack)]),
    ...(hasFirewall ? [] : ["AWS/WAFV2"]),
    ...(hasContainerInsights ? [] : ["ECS/ContainerInsights"]),
  ];
}

function namespacesOf(metric: IMetric): string[] {
  const { metricStat, mathExpression } = metric.toMetricConfig();
  const used = Object.values(mathExpression?.usingMetrics ?? {}).flatMap(namespacesOf);
  return metricStat ? [metricStat.namespace, ...used] : used;
}

/** The answer of a saved query for the dashboard's time range, over the whole width. */
export function answers(...names: QueryName[]): IWidget[] {
  const saved = queries();
  return names.map((name) => {
    const { answers: title, logGroups } = saved[name];
    return new LogQueryWidget({
      title: `${name}: ${title}`,
      view: LogQueryVisualizationType.TABLE,
      queryString: queryText(saved[name]),
      logGroupNames: logGroups.map(({ logGroupName }) => logGroupName),
      width: COLUMNS,
    });
  });
}

/** A metric that the project's own code reports, for one process. */
export function ownMetric(
  stack: Stack,
  service: string,
  metricName: MetricName,
  { statistic = Stats.SUM, label }: { statistic?: string; label: string },
): Metric {
  return new Metric({
    namespace: metricsNamespace(stack),
    metricName,
    dimensionsMap: { service },
    period: MINUTE,
    statistic,
    label,
  });
}

/** A metric that is counted in a log. */
export function loggedMetric(stack: Stack, metricName: string, label: string): Metric {
  return new Metric({ ...SUM, namespace: metricsNamespace(stack), metricName, label });
}

/** The median and the 99th percentile. */
export function halfAndSlowest(
  of: (options: { statistic: string; label: string }) => Metric,
  what = "",
): Metric[] {
  return [
    of({ statistic: Stats.p(50), label: `${what}half` }),
    of({ statistic: Stats.p(99), label: `${what}99 of 100` }),
  ];
}
