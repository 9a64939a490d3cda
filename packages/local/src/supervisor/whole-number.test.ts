import { expect, test } from "vitest";
import { wholeNumber } from "./whole-number.ts";

test.each(["0", "501", "1.5", "-1", "many", ""])("a rate of %j is refused in one sentence", (value) => {
  expect(() => wholeNumber("--rate", value, 120, 500)).toThrow(
    `--rate takes a whole number from 1 to 500, not "${value}".`,
  );
});

test("a rate within the bounds is taken, and the default without one", () => {
  expect([wholeNumber("--rate", "500", 120, 500), wholeNumber("--rate", undefined, 120, 500)]).toEqual([
    500, 120,
  ]);
});

test("zero is taken where the least is zero", () => {
  expect(wholeNumber("--orders", "0", 100, 500, 0)).toBe(0);
  expect(() => wholeNumber("--orders", "-1", 100, 500, 0)).toThrow(
    '--orders takes a whole number from 0 to 500, not "-1".',
  );
});
