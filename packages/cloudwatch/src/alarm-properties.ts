import * as z from "zod";
import type { Evaluation } from "./alarm-state.ts";

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const Dimensions = z
  .array(z.strictObject({ Name: z.string(), Value: z.string() }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));
export type Metric = z.output<typeof Metric>;
const Metric = z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions });
// In minutes, because recordings have no seconds.
const Period = z
  .int()
  .multipleOf(60)
  .transform((seconds) => seconds / 60);
const Named = z.strictObject({
  Id: z.string(),
  Label: z.string().optional(),
  ReturnData: z.boolean().default(true),
});
const Query = z.union([
  Named.extend({ MetricStat: z.strictObject({ Metric, Period, Stat: z.string() }) }),
  Named.extend({ Expression: z.string() }),
]);
export type Query = z.output<typeof Query>;

const Condition = z.object({
  ComparisonOperator: z.enum(Object.keys(COMPARISONS)),
  Threshold: z.number(),
  EvaluationPeriods: z.int(),
  DatapointsToAlarm: z.int().optional(),
  TreatMissingData: z.enum(["missing", "ignore", "breaching", "notBreaching"]).default("missing"),
});
const ofOneMetric = Metric.extend({
  Period,
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
}).transform(({ Period, Statistic, ExtendedStatistic, ...Metric }): Query[] => [
  {
    Id: "metric",
    ReturnData: true,
    MetricStat: { Metric, Period, Stat: Statistic ?? ExtendedStatistic ?? "" },
  },
]);
const ofSeveral = z.strictObject({ Metrics: z.array(Query) }).transform(({ Metrics }) => Metrics);

/** Actions, names and descriptions, which do not change a state. */
const ASIDE = [
  "AlarmName",
  "AlarmDescription",
  "AlarmActions",
  "OKActions",
  "InsufficientDataActions",
  "Tags",
];

export interface Definition {
  /** The metrics of its figure; an alarm of one metric is a figure of one. */
  queries: Query[];
  breaches(value: number): boolean;
  evaluation: Evaluation;
}

/** The properties of an `AWS::CloudWatch::Alarm`. Throws at a property that is not evaluated here. */
export function definitionOf(properties: Readonly<Record<string, unknown>>): Definition {
  const condition = Condition.parse(properties);
  const { ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm } = condition;
  const others = Object.entries(properties).filter(
    ([name]) => !ASIDE.includes(name) && !(name in Condition.shape),
  );
  return {
    queries: ("Metrics" in properties ? ofSeveral : ofOneMetric).parse(Object.fromEntries(others)),
    breaches: (value) => COMPARISONS[ComparisonOperator]?.(value, Threshold) ?? false,
    evaluation: {
      evaluationPeriods: EvaluationPeriods,
      datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
      missing: condition.TreatMissingData,
    },
  };
}
