import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonFlaw } from "./json-flaw.ts";

/** `^` marks the first wrong character. */
test.each([
  "^",
  "^nonsense",
  "  ^",
  "^tru",
  "true^x",
  "^'a'",
  "^-",
  "0^1",
  "1^.",
  '"a^',
  '"a^\n"',
  '"a^\\x"',
  '"a^\\u12g4"',
  '{"a": ^}',
  '{"a"^ 1}',
  '{"a": 1,^}',
  '{"a": 1^ "b": 2}',
  "{^a: 1}",
  '{"a": ^undefined}',
  '{"a": 1^',
  '{"a": [1, 2^}',
  "[1,^]",
  "[1^:2]",
  "[]^]",
  "[^,1]",
  "{}^{}",
  '\n\n {"title": "Playtime"^\n "description": ""}',
])("finds the first wrong character of %j", (marked) => {
  const text = marked.replace("^", "");
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
  const flaw = jsonFlaw(text) ?? Number.NaN;
  const expected = marked.indexOf("^");
  // A text that is only incomplete: spaces after it change nothing.
  expect(text.slice(0, flaw).trimEnd()).toBe(text.slice(0, expected).trimEnd());
});

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const almostJson = fc
  .tuple(fc.json(), fc.nat(), fc.nat({ max: 3 }), fc.constantFrom("", ...'{}[],:"\\ \n0-.eE1tfnu\0é😀'))
  .map(([text, at, cut, added]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + added + text.slice(place + cut);
  });

test("finds a flaw in exactly the texts that JSON.parse refuses, and the text before the flaw is a valid beginning", () => {
  const property = fc.property(fc.oneof(almostJson, fc.json(), fc.string()), (text) => {
    const flaw = jsonFlaw(text);
    expect(flaw === undefined).toBe(isJson(text));
    // Cut at the flaw, the text is only incomplete.
    if (flaw !== undefined) expect(jsonFlaw(text.slice(0, flaw)) ?? flaw).toBe(flaw);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test("reads nesting that would overflow a stack, and long strings", () => {
  const deep = "[".repeat(200_000);
  expect(jsonFlaw(deep)).toBe(deep.length);
  const long = `["${"a".repeat(200_000)}" x]`;
  expect(jsonFlaw(long)).toBe(long.length - 2);
});
