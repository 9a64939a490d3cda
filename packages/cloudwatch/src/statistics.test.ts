import { expect, test } from "vitest";
import { statisticOf } from "./statistics.ts";

test.each([
  ["Sum", 28],
  ["SampleCount", 6],
  ["Average", 28 / 6],
  ["Minimum", 1],
  ["Maximum", 11],
  ["p50", 2],
  ["p99", 11],
  // A range of PR includes its upper bound and excludes its lower one.
  ["PR(:5)", (100 * 4) / 6],
  ["PR(:4.9)", (100 * 4) / 6],
  ["PR(1:2)", (100 * 3) / 6],
  ["PR(6:)", (100 * 2) / 6],
])("the %s of 1, three times 2, 10 and 11 is %d", (name, expected) => {
  expect(statisticOf(name)([10, 1, [2, 3], 11])).toBeCloseTo(expected);
});

test("an unknown statistic fails with a sentence", () => {
  expect(() => statisticOf("tm90")).toThrow("The statistic tm90 is not known here");
});
