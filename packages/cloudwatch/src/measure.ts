import type { Metric, Query } from "./alarm-properties.ts";
import { parseMath, type Series } from "./metric-math.ts";
import { metricKey, type Sample, type Timeline } from "./recording.ts";
import { statisticOf } from "./statistics.ts";

export interface Measured {
  keys: string[];
  period: number;
  /** The windows that end with a minute, oldest first: they slide with every minute ("Alarm evaluation window"). */
  seriesUpTo(timeline: Timeline, range: number): (minute: number) => Series;
}

/** The figures that CloudWatch computes for an alarm, window by window. Throws at a statistic or a function that is not known here. */
export function measure(queries: readonly Query[]): Measured {
  const metrics = queries.flatMap((query) =>
    "MetricStat" in query ? [{ id: query.Id, ...query.MetricStat }] : [],
  );
  const periods = new Set(metrics.map(({ Period }) => Period));
  const [period] = periods;
  const returned = queries.filter(({ ReturnData }) => ReturnData);
  if (period === undefined || periods.size > 1 || returned.length !== 1) {
    throw new Error("An alarm evaluates one result, from metrics with one period.");
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
        if (!stat) throw new Error(`An alarm's expression names ${id}, for which it has no metric.`);
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

function keyOf({ Namespace, MetricName, Dimensions }: Metric): string {
  return metricKey(Namespace, MetricName, Dimensions);
}
