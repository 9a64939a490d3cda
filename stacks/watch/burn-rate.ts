import { metricsNamespace } from "@cloud-design/stage/names";
import type { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Stack } from "sst/constructs";
import { budgetPercent, FRESH_BELOW_SECONDS, type Objective } from "./objectives.ts";

/** The figures that the API's access log is counted into: all requests of a kind, and those that failed (`slos.ts`). */
export const ANSWERS = {
  reads: { all: "api.reads", failed: "api.reads.failed" },
  acceptance: { all: "api.orders", failed: "api.orders.failed" },
} as const;

interface Bad {
  /** The number of bad ones. */
  count: string;
  /** The share of bad ones, in percent. */
  percent: string;
  usingMetrics: Record<string, IMetric>;
}

/**
 * The rate at which an objective's budget was spent in each period, as a multiple of the rate that the target allows; no data without traffic.
 * With `badMin`, a period with fewer bad requests has rate 0.
 */
export function burnRate(
  stack: Stack,
  objective: Objective,
  period: Duration,
  badMin?: number,
): MathExpression {
  const { count, percent, usingMetrics } = badOf(stack, objective, period);
  const rate = `(${percent}) / ${budgetPercent(objective)}`;
  const expression = badMin === undefined ? rate : `IF(${count} >= ${badMin}, ${rate}, 0)`;
  // CloudWatch bills an alarm for each metric that it requests, even one that its expression does not use.
  const needed = Object.entries(usingMetrics).filter(([id]) => expression.includes(id));
  return new MathExpression({
    expression,
    usingMetrics: Object.fromEntries(needed),
    period,
    label: `${objective}: budget spent, times the rate that is allowed`,
  });
}

function badOf(stack: Stack, objective: Objective, period: Duration): Bad {
  const namespace = metricsNamespace(stack);
  if (objective === "freshness") {
    const waited = {
      namespace,
      metricName: "orders.time_to_recorded",
      dimensionsMap: { service: "billing" },
    };
    return {
      count: "recorded * (100 - fresh) / 100",
      percent: "100 - fresh",
      usingMetrics: {
        recorded: new Metric({ ...waited, period, statistic: Stats.SAMPLE_COUNT }),
        fresh: new Metric({ ...waited, period, statistic: Stats.percentileRank(FRESH_BELOW_SECONDS) }),
      },
    };
  }
  const { all, failed } = ANSWERS[objective];
  const sum = { namespace, period, statistic: Stats.SUM };
  return {
    // The metric has no data while nothing fails.
    count: "FILL(failed, 0)",
    percent: "100 * FILL(failed, 0) / answers",
    usingMetrics: {
      answers: new Metric({ ...sum, metricName: all }),
      failed: new Metric({ ...sum, metricName: failed }),
    },
  };
}
