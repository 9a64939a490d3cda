import { expect, test } from "vitest";
import { metricAlarm } from "./metric-alarm.ts";
import { amongQuietHours } from "./recording.ts";
import { handmade } from "./testing/handmade.ts";

const KEY = "AWS/SQS Age QueueName=orders";
const OF_ONE_METRIC = {
  AlarmName: "prod-cloud-design-orders-age",
  Namespace: "AWS/SQS",
  MetricName: "Age",
  Dimensions: [{ Name: "QueueName", Value: "orders" }],
  Statistic: "Maximum",
  Period: 60,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  Threshold: 5,
  EvaluationPeriods: 2,
  TreatMissingData: "notBreaching",
};

/** The states of a recording's minutes by their first letters, after quiet hours of zeros. */
function statesOf(properties: Record<string, unknown>, digits: Record<string, string>): string {
  const recording = handmade(digits);
  const quiet = handmade(Object.fromEntries(Object.keys(digits).map((key) => [key, "0"])));
  const states = metricAlarm(properties).states(amongQuietHours(recording, quiet));
  return Array.from({ length: recording.minutes }, () => states.next().value[0]).join("");
}

test("an alarm rings when all of its evaluation periods breach the threshold", () => {
  expect(statesOf(OF_ONE_METRIC, { [KEY]: "005055500" })).toBe("OOOOOAAOO");
});

test.each([
  ["GreaterThanThreshold", "OOOAO"],
  ["GreaterThanOrEqualToThreshold", "OOAAO"],
  // One of the first two periods lies before the recording, in quiet hours of zeros.
  ["LessThanThreshold", "AOOOO"],
  ["LessThanOrEqualToThreshold", "AAOOO"],
])("%s 5 of 4, 5, 6, 6, 4, twice in a row", (ComparisonOperator, expected) => {
  expect(statesOf({ ...OF_ONE_METRIC, ComparisonOperator }, { [KEY]: "45664" })).toBe(expected);
});

test("M breaches among N periods are enough, in any order", () => {
  const properties = { ...OF_ONE_METRIC, EvaluationPeriods: 4, DatapointsToAlarm: 2 };
  expect(statesOf(properties, { [KEY]: "50050000" })).toBe("OOOAOOOO");
});

test("a period of five minutes slides with every minute, and does not wait for the clock", () => {
  const properties = { ...OF_ONE_METRIC, Period: 300, EvaluationPeriods: 1, Statistic: "Sum", Threshold: 3 };
  expect(statesOf(properties, { [KEY]: "0001110000" })).toBe("OOOOOAAAOO");
});

test.each([
  // The evaluation range still contains two periods of zeros; then one; then only missing ones.
  ["breaching", "00....00", "OOOOOAOO"],
  ["notBreaching", "055...00", "OOAAAOOO"],
  ["missing", "00....00", "OOOOOIOO"],
  ["ignore", "55....00", "OAAAAAOO"],
])("missing data is %s only when older data is out of reach", (TreatMissingData, digits, expected) => {
  expect(statesOf({ ...OF_ONE_METRIC, TreatMissingData }, { [KEY]: digits })).toBe(expected);
});

test("an alarm of metric math rings by the result of its expressions", () => {
  const metric = (Id: string, MetricName: string, Stat: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: "cloud-design/prod", MetricName }, Period: 60, Stat },
  });
  const { ComparisonOperator, TreatMissingData } = OF_ONE_METRIC;
  const properties = {
    ComparisonOperator,
    TreatMissingData,
    EvaluationPeriods: 1,
    Threshold: 50,
    Metrics: [
      { Id: "percent", Expression: "IF(answers > 0, 100 * bad / answers, 0)" },
      { Id: "bad", Expression: "FILL(failed, 0)", ReturnData: false },
      metric("failed", "api.reads.failed", "Sum"),
      metric("answers", "api.reads", "Sum"),
    ],
  };
  const digits = { "cloud-design/prod api.reads": "440.4", "cloud-design/prod api.reads.failed": ".2..1" };
  expect(statesOf(properties, digits)).toBe("OAOOO");
  expect(metricAlarm(properties).keys).toEqual(Object.keys(digits).reverse());
});

test.each([
  ["is compared with a band", { ThresholdMetricId: "band" }],
  ["waits for the clock", { EvaluationWindow: { WallClockWindow: {} } }],
  ["wants a unit", { Unit: "Seconds" }],
  ["counts seconds", { Period: 10 }],
  ["compares in its own way", { ComparisonOperator: "GreaterThanUpperThreshold" }],
  ["has an extended statistic", { Statistic: undefined, ExtendedStatistic: "tm90" }],
])("an alarm that %s fails with a sentence", (_, change) => {
  expect(() => metricAlarm({ ...OF_ONE_METRIC, ...change })).toThrow();
});
