import { Duration } from "aws-cdk-lib";
import { Color, GraphWidget, type IWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { Stack } from "sst/constructs";
import { burnRate } from "../burn-rate.ts";
import { BURNS, OBJECTIVES, type Objective } from "../objectives.ts";
import { COLUMNS } from "./widgets.ts";

/** The rate at which each objective's budget is spent, hour by hour, and the rates at which an alarm rings. */
export function objectiveGraphs(stack: Stack): IWidget[] {
  const objectives = Object.keys(OBJECTIVES) as Objective[];
  return objectives.map((objective) => {
    const { target, promise } = OBJECTIVES[objective];
    const period = Duration.minutes(BURNS.fast.longMinutes);
    return new GraphWidget({
      title: `${objective}: ${target} % ${promise}`,
      left: [
        burnRate(stack, objective, period).with({ label: "budget spent in an hour, times what is allowed" }),
      ],
      leftYAxis: { min: 0 },
      leftAnnotations: [
        { value: 1, label: "spends the budget in 30 days", color: Color.GREEN },
        { value: BURNS.slow.rate, label: "rings over six hours", color: Color.ORANGE },
        { value: BURNS.fast.rate, label: "rings over one", color: Color.RED },
      ],
      width: COLUMNS / objectives.length,
    });
  });
}
