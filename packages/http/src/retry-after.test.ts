import { expect, test } from "vitest";
import { retryAfter } from "./retry-after.ts";

/** The different answers of many. */
const answers = (seconds: number) =>
  [...new Set(Array.from({ length: 1_000 }, () => Number(retryAfter(seconds))))].sort((a, b) => a - b);

test.each([
  [0, [1, 2]],
  [0.2, [1, 2]],
  [2, [2, 3, 4]],
  [2.1, [3, 4, 5, 6]],
])("a wait of %d s is one of %j, by chance", (seconds, expected) => {
  expect(answers(seconds)).toEqual(expected);
});

test("however long the wait, it is at most half a minute, and still by chance", () => {
  const found = answers(1_000_000);
  expect([found[0], found.at(-1)]).toEqual([15, 30]);
  expect(found).toHaveLength(16);
});
