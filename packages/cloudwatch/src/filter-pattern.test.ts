import { expect, test } from "vitest";
import { parsePattern } from "./filter-pattern.ts";

const LINE = {
  failed: 3,
  status: "503",
  route: "GET /api/movies",
  done: false,
  by: null,
  inner: { deep: -0.5 },
};

test.each([
  ["{ $.failed > 0 }", true],
  ["{ $.failed >= 3 && $.failed <= 3 && $.failed = 3 }", true],
  ["{ $.failed != 3 }", false],
  ["{ $.inner.deep < 0 }", true],
  ['{ ($.route = "GET *") && ($.route != "*/status") }', true],
  ['{ $.route = "GET" }', false],
  ['{ $.route = "get *" }', false],
  ['{ $.status = "5*" || $.nothing = "x" }', true],
  ["{ $.done IS FALSE && $.by IS NULL }", true],
  ["{ $.done IS TRUE }", false],
  ["{ $.nothing NOT EXISTS }", true],
  ["{ $.by NOT EXISTS }", false],
  // A comparison with an absent field is false, and a text is not a number.
  ['{ $.nothing != "x" || $.nothing != 1 || $.nothing IS NULL }', false],
  ["{ $.status >= 500 }", false],
  ['{ $.failed = "3" }', false],
])("%s", (pattern, expected) => {
  expect(parsePattern(pattern)(LINE)).toBe(expected);
});

test("the characters of a text stand for themselves, except the asterisk", () => {
  const fits = parsePattern('{ $.route = "GET /(a.b)+*" }');
  expect([fits({ route: "GET /(a.b)+c" }), fits({ route: "GET /aab" })]).toEqual([true, false]);
});

test.each(["{ $.a = %5..% }", "{ $.a[0] = 1 }", "?ERROR", "", '{ $.a > "b" }', "{ $.a = 5* }", "{ $.a IS }"])(
  "%s fails with a sentence",
  (pattern) => {
    expect(() => parsePattern(pattern)).toThrow(
      "is not known there. Teach it to packages/cloudwatch/src/filter-pattern.ts",
    );
  },
);
