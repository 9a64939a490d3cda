import { parsePattern, valueAt } from "@cloud-design/cloudwatch/filter-pattern";
import { metricKey, type Reading } from "@cloud-design/cloudwatch/recording";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";

export interface LogMetric {
  /** As the template spells it: `<Orders/OrderBridgeLogs>`. */
  logGroup: string;
  /** The values that one line of that group reports. */
  read(line: string): Reading[];
  /** The value for a minute whose lines do not match the pattern. */
  otherwise: Reading[];
}

const Transformation = z.strictObject({
  MetricNamespace: z.string(),
  MetricName: z.string(),
  MetricValue: z.string(),
  DefaultValue: z.number().optional(),
  Unit: z.string().optional(),
  Dimensions: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
});
const Filter = z.object({
  LogGroupName: z.string(),
  FilterPattern: z.string(),
  MetricTransformations: z.array(Transformation),
});

/** The stage's metric filters. Throws at a pattern that is not known here. */
export function logMetricsOf(app: App): LogMetric[] {
  return resourcesOf(app, "AWS::Logs::MetricFilter", Filter).flatMap(({ properties }) => {
    const fits = parsePattern(properties.FilterPattern);
    return properties.MetricTransformations.map((transformation) => ({
      logGroup: properties.LogGroupName,
      read(text: string) {
        const line = parseJson(text);
        return fits(line) ? readingOf(transformation, line) : [];
      },
      otherwise: defaultOf(transformation),
    }));
  });
}

function readingOf(transformation: z.output<typeof Transformation>, line: unknown): Reading[] {
  const { MetricNamespace, MetricName, MetricValue, Dimensions } = transformation;
  const value = MetricValue.startsWith("$") ? valueAt(line, MetricValue) : Number(MetricValue);
  const pairs = Dimensions.map(({ Key, Value }) => [Key, valueAt(line, Value)] as const);
  if (typeof value !== "number" || pairs.some(([, text]) => text === undefined)) return [];
  const dimensions = Object.fromEntries(pairs.map(([name, text]) => [name, String(text)]));
  return [{ key: metricKey(MetricNamespace, MetricName, dimensions), samples: [value] }];
}

function defaultOf({
  MetricNamespace,
  MetricName,
  DefaultValue,
}: z.output<typeof Transformation>): Reading[] {
  if (DefaultValue === undefined) return [];
  return [{ key: metricKey(MetricNamespace, MetricName, {}), samples: [DefaultValue] }];
}
