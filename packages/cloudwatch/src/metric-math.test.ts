import { expect, test } from "vitest";
import { parseMath, type Series } from "./metric-math.ts";

const NONE = undefined;
const METRICS: Record<string, Series> = {
  errors: [0, 6, NONE, 12],
  requests: [0, 100, 50, NONE],
};

function evaluate(expression: string): Series {
  return parseMath(expression)({ length: 4, seriesOf: (id) => METRICS[id] ?? [] });
}

test.each([
  ["1 + 2 * 3 - 8 / 4", [5, 5, 5, 5]],
  ["10 - 3 - 2", [5, 5, 5, 5]],
  ["(1 + 2) * 3", [9, 9, 9, 9]],
  ["1 + 1 == 2 AND 2 > 3 || 1", [1, 1, 1, 1]],
  ["2 <= 2 && 3 != 3", [0, 0, 0, 0]],
  // Both sides need a value, and a division by zero has no result.
  ["100 * errors / requests", [NONE, 6, NONE, NONE]],
  ["FILL(errors, 0)", [0, 6, 0, 12]],
  ["FILL(errors, requests)", [0, 6, 50, 12]],
  ["FILL(requests, REPEAT)", [0, 100, 50, 50]],
  // Only the chosen branch needs a value.
  ["IF(errors >= 5, 100 * errors / requests, 0)", [0, 6, NONE, NONE]],
  ["IF(FILL(errors, 0) > 0, 7, requests)", [0, 7, 50, 7]],
  ["IF(errors > 0, 1)", [NONE, 1, NONE, 1]],
])("%s", (expression, expected) => {
  expect(evaluate(expression)).toEqual(expected);
});

test.each([
  ["ANOMALY_DETECTION_BAND(m1, 2)", '"ANOMALY_DETECTION_BAND" is not known there'],
  ["SUM(METRICS())", '"SUM" is not known there'],
  ["errors +", "its end is not known there"],
  ["errors ? 1", '"?" is not known there'],
  ["IF(errors, 1, 0", "its end is not known there"],
])("%s fails with a sentence for any metrics", (expression, sentence) => {
  expect(() => parseMath(expression)).toThrow(sentence);
});
