import { logOutput } from "@cloud-design/core/log-output";
import { METRICS, type MetricDefinition } from "@cloud-design/core/telemetry";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  type MetricData,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";

/** The only dimension, with one value per process: CloudWatch bills every combination of a metric and its dimensions. */
const DIMENSION = "service";
const UNITS: Record<string, string> = { s: "Seconds", By: "Bytes", "1": "None" };

/** A number, or a distribution: values and how often each was measured. */
type Value = number | { Values: number[]; Counts: number[] };

/**
 * Writes log lines that CloudWatch turns into metrics (CloudWatch user guide, "Embedded metric format specification"):
 * the metrics that the table marks for AWS, each with its measurements since the last export.
 */
export class EmbeddedMetrics implements PushMetricExporter {
  readonly #namespace: string;
  readonly #service: string;

  constructor({ namespace, service }: { namespace: string; service: string }) {
    this.#namespace = namespace;
    this.#service = service;
  }

  export(metrics: ResourceMetrics, onResult: (result: ExportResult) => void): void {
    const measured = metrics.scopeMetrics.flatMap((scope) => scope.metrics).filter(isOnAws);
    const values = measured.flatMap((metric) => {
      const value = measuredBy(metric);
      return value === undefined ? [] : [{ metric, value }];
    });
    // Through the log's own output: a failure of `process.stdout` would end the process.
    if (values.length > 0) logOutput.write(`${JSON.stringify(this.#line(values))}\n`);
    onResult({ code: ExportResultCode.SUCCESS });
  }

  #line(values: readonly { metric: MetricData; value: Value }[]) {
    const now = new Date();
    const Metrics = values.map(({ metric: { descriptor } }) => ({
      Name: descriptor.name,
      Unit: UNITS[descriptor.unit] ?? "Count",
    }));
    return {
      time: now.toISOString(),
      level: "info",
      [DIMENSION]: this.#service,
      message: "metrics",
      _aws: {
        Timestamp: now.getTime(),
        CloudWatchMetrics: [{ Namespace: this.#namespace, Dimensions: [[DIMENSION]], Metrics }],
      },
      ...Object.fromEntries(values.map(({ metric, value }) => [metric.descriptor.name, value])),
    };
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}

  selectAggregationTemporality(): AggregationTemporality {
    return AggregationTemporality.DELTA;
  }
}

function isOnAws({ descriptor }: MetricData): boolean {
  const table: Record<string, MetricDefinition> = METRICS;
  return table[descriptor.name]?.isOnAws ?? false;
}

function measuredBy(metric: MetricData): Value | undefined {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return distributionOf(metric);
  if (metric.dataPointType !== DataPointType.SUM && metric.dataPointType !== DataPointType.GAUGE)
    return undefined;
  const values = metric.dataPoints.map(({ value }) => value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value);
}

/**
 * Each bucket is represented by its upper bound: percentiles in CloudWatch are then never too low, and the share up to
 * a bound is exact.
 */
function distributionOf({ dataPoints }: HistogramMetricData): Value | undefined {
  const counts = new Map<number, number>();
  for (const { value } of dataPoints) {
    const { boundaries, counts: ofBuckets } = value.buckets;
    for (const [index, count] of ofBuckets.entries()) {
      const bound = boundaries[index] ?? value.max ?? 0;
      if (count > 0) counts.set(bound, (counts.get(bound) ?? 0) + count);
    }
  }
  return counts.size === 0 ? undefined : { Values: [...counts.keys()], Counts: [...counts.values()] };
}
