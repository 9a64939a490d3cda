import type { State } from "./alarm-state.ts";
import { infix, type Words, wordsOf } from "./words.ts";

export interface Rule {
  /** Its alarms, by name or by the template's reference. */
  alarms: string[];
  holds(stateOf: (alarm: string) => State | undefined): boolean;
}

const LANGUAGE = {
  name: "The alarm rule",
  words: /"[^"]*"|\w+|[()]/,
  file: "packages/cloudwatch/src/alarm-rule.ts",
};

/** A composite alarm's rule (CloudWatch API, "PutCompositeAlarm"): `ALARM("a") AND NOT (OK("b") OR INSUFFICIENT_DATA("c"))`. */
export function parseRule(text: string): Rule {
  const words = wordsOf(text, LANGUAGE);
  const rule = either(words);
  words.end();
  return rule;
}

function either(words: Words): Rule {
  return infix(
    words,
    [["OR"], ["AND"]],
    () => condition(words),
    (operator, left, right) => ({
      alarms: [...left.alarms, ...right.alarms],
      holds: (stateOf) => {
        const both = [left, right].map((rule) => rule.holds(stateOf));
        return operator === "AND" ? both.every(Boolean) : both.some(Boolean);
      },
    }),
  );
}

function condition(words: Words): Rule {
  if (words.takeIf("NOT")) {
    const { alarms, holds } = condition(words);
    return { alarms, holds: (stateOf) => !holds(stateOf) };
  }
  if (words.takeIf("(")) {
    const inner = either(words);
    words.take(")");
    return inner;
  }
  const state = words.takeIf("ALARM", "OK", "INSUFFICIENT_DATA") ?? words.refuse();
  words.take("(");
  const alarm = (words.takeMatch(/^"/) ?? words.refuse()).slice(1, -1);
  words.take(")");
  return { alarms: [alarm], holds: (stateOf) => stateOf(alarm) === state };
}
