import * as z from "zod";
import { type Evaluation, evaluationRange, nextState, type State } from "./alarm-state.ts";
import { parseMath, type Series } from "./metric-math.ts";
import { metricKey, type Sample, type Timeline } from "./recording.ts";
import { statisticOf } from "./statistics.ts";

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
const Metric = z.strictObject({ Namespace: z.string(), MetricName: z.string(), Dimensions });
// Minutes, because recordings know no seconds.
const Period = z
  .int()
  .multipleOf(60)
  .transform((seconds) => seconds / 60);
const Query = z.union([
  z.strictObject({
    Id: z.string(),
    Label: z.string().optional(),
    ReturnData: z.boolean().default(true),
    MetricStat: z.strictObject({ Metric, Period, Stat: z.string() }),
  }),
  z.strictObject({
    Id: z.string(),
    Label: z.string().optional(),
    ReturnData: z.boolean().default(true),
    Expression: z.string(),
  }),
]);
type Query = z.output<typeof Query>;

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

/** Who is told, and what it is called: nothing of this changes a state. Any other property is one that nobody here evaluates. */
const ASIDE = [
  "AlarmName",
  "AlarmDescription",
  "AlarmActions",
  "OKActions",
  "InsufficientDataActions",
  "Tags",
];

export interface Evaluated {
  /** What it looks at, as recordings call it. */
  keys: string[];
  /** The minutes that it looks back over while none is missing. */
  span: number;
  /** Its state at the end of each minute, from the recording's first on, without end. */
  states(timeline: Timeline): Generator<State, never>;
}

/** An `AWS::CloudWatch::Alarm` as CloudWatch would evaluate it. Throws at a property, a statistic or a function that it does not know. */
export function metricAlarm(properties: Readonly<Record<string, unknown>>): Evaluated {
  const { ComparisonOperator, Threshold, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } =
    Condition.parse(properties);
  const others = Object.entries(properties).filter(
    ([name]) => !ASIDE.includes(name) && !(name in Condition.shape),
  );
  const queries = ("Metrics" in properties ? ofSeveral : ofOneMetric).parse(Object.fromEntries(others));
  const { keys, period, seriesUpTo } = measure(queries);
  const evaluation: Evaluation = {
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
    missing: TreatMissingData,
  };
  const range = evaluationRange(EvaluationPeriods);
  const breaches = (value: number) => COMPARISONS[ComparisonOperator]?.(value, Threshold) ?? false;
  return {
    keys,
    span: EvaluationPeriods * period,
    *states(timeline) {
      const windowsUpTo = seriesUpTo(timeline, range);
      let state: State = "INSUFFICIENT_DATA";
      for (let minute = 0; ; minute += 1) {
        const windows = windowsUpTo(minute).map((value) => (value === undefined ? value : breaches(value)));
        state = nextState(windows, evaluation, state);
        yield state;
      }
    },
  };
}

interface Measured {
  keys: string[];
  period: number;
  /** The windows that end with a minute, oldest first: they slide with every minute ("Alarm evaluation window"). */
  seriesUpTo(timeline: Timeline, range: number): (minute: number) => Series;
}

function measure(queries: readonly Query[]): Measured {
  const metrics = queries.flatMap((query) =>
    "MetricStat" in query ? [{ id: query.Id, ...query.MetricStat }] : [],
  );
  const periods = new Set(metrics.map(({ Period }) => Period));
  const [period] = periods;
  const returned = queries.filter(({ ReturnData }) => ReturnData);
  if (period === undefined || periods.size > 1 || returned.length !== 1) {
    throw new Error("An alarm looks at one result, made of metrics with one period.");
  }
  const expressions = new Map(
    queries.flatMap((query) =>
      "Expression" in query ? [[query.Id, parseMath(query.Expression)] as const] : [],
    ),
  );
  const stats = new Map(
    metrics.map(({ id, Metric, Stat }) => [id, { key: keyOf(Metric), statistic: statisticOf(Stat) }]),
  );
  return {
    keys: [...new Set([...stats.values()].map(({ key }) => key))],
    period,
    seriesUpTo(timeline, range) {
      const points = new Map<string, number | undefined>();
      const pointAt = (id: string, minute: number) => {
        const at = `${id} ${minute}`;
        if (!points.has(at)) points.set(at, windowOf(id, minute));
        return points.get(at);
      };
      const windowOf = (id: string, minute: number) => {
        const stat = stats.get(id);
        if (!stat) throw new Error(`An alarm's expression names ${id}, which it has no metric for.`);
        const samples: Sample[] = [];
        for (let at = minute - period + 1; at <= minute; at += 1) samples.push(...timeline(stat.key, at));
        return samples.length === 0 ? undefined : stat.statistic(samples);
      };
      const seriesOf = (id: string, minute: number): Series =>
        expressions.get(id)?.({ length: range, seriesOf: (other) => seriesOf(other, minute) }) ??
        Array.from({ length: range }, (_, index) => pointAt(id, minute - (range - 1 - index) * period));
      return (minute) => seriesOf(returned[0]?.Id ?? "", minute);
    },
  };
}

function keyOf({ Namespace, MetricName, Dimensions }: z.output<typeof Metric>): string {
  return metricKey(Namespace, MetricName, Dimensions);
}
