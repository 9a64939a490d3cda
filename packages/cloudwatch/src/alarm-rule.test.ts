import { expect, test } from "vitest";
import { parseRule } from "./alarm-rule.ts";
import type { State } from "./alarm-state.ts";

const STATES: Record<string, State> = { rings: "ALARM", fine: "OK", unknown: "INSUFFICIENT_DATA" };

test.each([
  ['ALARM("rings")', true],
  ['(ALARM("rings") AND ALARM("fine"))', false],
  // AND binds more strongly than OR.
  ['ALARM("rings") OR ALARM("fine") AND ALARM("fine")', true],
  ['NOT ALARM("fine") AND NOT (OK("rings") OR INSUFFICIENT_DATA("rings"))', true],
  ['INSUFFICIENT_DATA("unknown") AND OK("fine")', true],
])("%s is %s", (rule, expected) => {
  expect(parseRule(rule).holds((alarm) => STATES[alarm])).toBe(expected);
});

test("a rule names its alarms", () => {
  expect(parseRule('ALARM("<Slos/a.Arn>") AND NOT OK("b")').alarms).toEqual(["<Slos/a.Arn>", "b"]);
});

test.each(['AT_LEAST(2, ALARM, ("a", "b"))', "ALARM(a)", 'ALARM("a") XOR ALARM("b")'])(
  "%s fails with a sentence",
  (rule) => {
    expect(() => parseRule(rule)).toThrow(
      "is not known there. Teach it to packages/cloudwatch/src/alarm-rule.ts",
    );
  },
);
