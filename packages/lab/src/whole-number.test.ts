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
