import { nameOf } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import {
  Alarm,
  type AlarmBase,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { type Stack, use } from "sst/constructs";
import { Alerts } from "../alerts.ts";

export interface AlarmProps {
  metric: IMetric;
  threshold: number;
  /** Periods in a row, so that one bad moment does not ring. */
  periods: number;
  isBelow?: boolean;
  /** Missing data usually means no traffic, which is fine. Where it means that the resource is gone, it must ring. */
  isMissingBad?: boolean;
  /** The alarm's meaning for the operator, and the reason for the threshold. */
  because: string;
}

/** An alarm that notifies the operators, named like its heading in docs/runbook.md. An empty list in a stage that does without it. */
export function createAlarm(stack: Stack, name: string, props: AlarmProps): Alarm[] {
  const { alarms } = stageSettings(stack.stage);
  if (alarms !== "all" && !alarms.includes(name)) return [];
  const alarm = createSilentAlarm(stack, name, `${props.because} What to do: docs/runbook.md#${name}`, props);
  tellPeople(alarm);
  return [alarm];
}

/**
 * An alarm that rings while all conditions hold. Each condition is an alarm `NAME-CONDITION` that does not notify by itself. Costs $0.50 a month
 * more.
 */
export function createCompositeAlarm(
  stack: Stack,
  name: string,
  { conditions, because }: { conditions: Record<string, Omit<AlarmProps, "because">>; because: string },
): CompositeAlarm {
  const halves = Object.entries(conditions).map(([id, props]) =>
    createSilentAlarm(stack, `${name}-${id}`, `A part of the alarm ${name}: docs/runbook.md#${name}`, props),
  );
  const alarm = new CompositeAlarm(stack, `Alarm-${name}`, {
    compositeAlarmName: nameOf(stack, name),
    alarmDescription: `${because} What to do: docs/runbook.md#${name}`,
    alarmRule: AlarmRule.allOf(...halves.map((half) => AlarmRule.fromAlarm(half, AlarmState.ALARM))),
  });
  tellPeople(alarm);
  return alarm;
}

function createSilentAlarm(
  stack: Stack,
  name: string,
  alarmDescription: string,
  props: Omit<AlarmProps, "because">,
): Alarm {
  return new Alarm(stack, `Alarm-${name}`, {
    alarmName: nameOf(stack, name),
    alarmDescription,
    metric: props.metric,
    threshold: props.threshold,
    evaluationPeriods: props.periods,
    comparisonOperator: props.isBelow
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: props.isMissingBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
}

function tellPeople(alarm: AlarmBase): void {
  const notify = new SnsAction(use(Alerts).topic);
  alarm.addAlarmAction(notify);
  alarm.addOkAction(notify);
}
