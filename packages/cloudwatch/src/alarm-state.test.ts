import { describe, expect, test } from "vitest";
import { evaluationRange, type Missing, nextState, type State } from "./alarm-state.ts";

/** In AWS's notation: 0 is within the threshold, X breaches it, - is missing. */
function windows(text: string): (boolean | undefined)[] {
  return text.split(" ").map((mark) => (mark === "-" ? undefined : mark === "X"));
}

const KEPT = "kept";

// The two tables of "Configuring how CloudWatch alarms treat missing data": three out of three, and two out of three.
describe.each([
  [3, "0 - X - X", ["OK", "OK", "OK", "OK"]],
  [3, "0 - - - -", ["OK", "OK", "OK", "OK"]],
  [3, "- - - - -", ["INSUFFICIENT_DATA", KEPT, "ALARM", "OK"]],
  [3, "0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
  [3, "- - X - -", ["ALARM", KEPT, "ALARM", "OK"]],
  [2, "0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
  [2, "0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
  [2, "0 - X - -", ["OK", "OK", "ALARM", "OK"]],
  [2, "- - - - 0", ["OK", "OK", "ALARM", "OK"]],
  [2, "- - - X -", ["ALARM", KEPT, "ALARM", "OK"]],
  // "Avoiding premature transitions to alarm state"
  [3, "- - - - X", ["OK", "OK", "ALARM", "OK"]],
  [3, "- - - X -", ["OK", "OK", "ALARM", "OK"]],
])("with %i breaches out of 3 the windows %s", (datapointsToAlarm, text, states) => {
  test.each(
    ["missing", "ignore", "breaching", "notBreaching"].map((missing, at) => [missing as Missing, states[at]]),
  )("with missing data as %s, make the state %s", (missing, expected) => {
    const evaluation = { evaluationPeriods: 3, datapointsToAlarm, missing };
    for (const before of ["OK", "ALARM"] satisfies State[]) {
      expect(nextState(windows(text), evaluation, before)).toBe(expected === KEPT ? before : expected);
    }
  });
});

test("more windows are requested than the alarm evaluates", () => {
  expect([1, 3, 15].map(evaluationRange)).toEqual([3, 5, 20]);
});
