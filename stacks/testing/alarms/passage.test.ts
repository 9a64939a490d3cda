import { metricAlarm } from "@cloud-design/cloudwatch/metric-alarm";
import { handmade } from "@cloud-design/cloudwatch/testing/handmade";
import { expect, test } from "vitest";
import type { Alarm } from "./alarms.ts";
import { minutesNotOk, passageOf } from "./passage.ts";

const KEY = "AWS/SQS Age";
const QUIET = handmade({ [KEY]: "0100" });

function alarmOf(periods: number, minutes = 1): Alarm {
  const evaluated = metricAlarm({
    Namespace: "AWS/SQS",
    MetricName: "Age",
    Statistic: "Maximum",
    Period: 60 * minutes,
    ComparisonOperator: "GreaterThanThreshold",
    Threshold: 1,
    EvaluationPeriods: periods,
  });
  return {
    ...evaluated,
    name: "orders-age",
    resource: "Alarms/Alarm-orders-age",
    description: "",
    rings: true,
  };
}

function passage(alarm: Alarm, digits: string, [from, to]: [number, number]) {
  return passageOf(alarm, handmade({ [KEY]: digits }, { phases: { fault: [from, to] } }), QUIET);
}

test("an alarm that is OK before its fault, rings during it and is OK after it passes", () => {
  expect(passage(alarmOf(2), "000999900", [3, 6])).toEqual({ ringsAfter: 2, overAfter: 0, problems: [] });
});

test("quiet hours follow the recording, until a long window no longer holds the fault", () => {
  const windows = passage(alarmOf(1, 5), "00099", [3, 4]);
  expect(windows).toEqual({ ringsAfter: 1, overAfter: 4, problems: [] });
});

test.each([
  ["090999900", "orders-age is ALARM before it: handmade."],
  ["00011110000", "orders-age does not ring while it lasts: handmade."],
  ["000000099900", "orders-age does not ring while it lasts: handmade."],
  ["0009999", undefined],
  ["000999999", "orders-age is ALARM after it: handmade."],
])("the minutes %s are a problem, named with the alarm and the fault", (digits, problem) => {
  const { problems } = passage(alarmOf(1), digits, [3, 6]);
  expect(problems).toEqual(problem === undefined ? [] : [problem]);
});

test("an alarm that leaves OK in normal traffic is listed with its minutes, also at the start of a repeated hour", () => {
  expect(minutesNotOk(alarmOf(1), QUIET)).toEqual([]);
  expect(minutesNotOk(alarmOf(2), handmade({ [KEY]: "90009" }))).toEqual([0]);
});
