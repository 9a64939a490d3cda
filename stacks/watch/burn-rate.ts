import { metricsNamespace } from "@cloud-design/stage/names";
import type { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Stack } from "sst/constructs";
import { budgetPercent, FRESH_BELOW_SECONDS, type Objective } from "./objectives.ts";

/** What the access log of the API is counted into: all of a kind, and those of them that got a 5xx. */
export const ANSWERS = {
  reads: { all: "api.reads", failed: "api.reads.failed" },
  acceptance: { all: "api.orders", failed: "api.orders.failed" },
} as const;

interface Bad {
  /** How many were bad. */
  count: string;
  /** Their share in percent. */
  percent: string;
  usingMetrics: Record<string, IMetric>;
}

/**
 * How many times faster than its target allows an objective's budget was spent in each period; none without traffic. With `badMin`, fewer bad ones
 * are no rate.
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
  // An alarm is billed for each metric that it asks for, whether its expression needs it or not.
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
    // Nothing is reported while nothing fails.
    count: "FILL(failed, 0)",
    percent: "100 * FILL(failed, 0) / answers",
    usingMetrics: {
      answers: new Metric({ ...sum, metricName: all }),
      failed: new Metric({ ...sum, metricName: failed }),
    },
  };
}
