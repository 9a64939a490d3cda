import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { type Stack, use } from "sst/constructs";
import { Alerts } from "../alerts.ts";
import { nameOf } from "./names.ts";

export interface AlarmProps {
  metric: IMetric;
  threshold: number;
  /** Periods in a row, so that one bad moment wakes nobody. */
  periods: number;
  isBelow?: boolean;
  /** No data usually means no traffic, which is fine; where it means that the thing itself is gone, it is not. */
  isMissingBad?: boolean;
  /** What it means to whom it wakes, and why at this threshold. */
  because: string;
}

/** An alarm that reaches people, under the name of its heading in docs/runbook.md. */
export function createAlarm(stack: Stack, name: string, props: AlarmProps): Alarm {
  const alarm = new Alarm(stack, `Alarm-${name}`, {
    alarmName: nameOf(stack, name),
    alarmDescription: `${props.because} What to do: docs/runbook.md#${name}`,
    metric: props.metric,
    threshold: props.threshold,
    evaluationPeriods: props.periods,
    comparisonOperator: props.isBelow
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: props.isMissingBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  const notify = new SnsAction(use(Alerts).topic);
  alarm.addAlarmAction(notify);
  alarm.addOkAction(notify);
  return alarm;
}
