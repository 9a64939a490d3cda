import { expect, test } from "vitest";
import { IdempotencyKey } from "./idempotency-key.ts";

test.each([
  ["abc", "abc"],
  ['"abc"', "abc"],
  ['  "abc"  ', "abc"],
  ['"a\\"b"', 'a"b'],
  ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
  ["a b", "a b"],
  ['" "', " "],
  ['a"b', 'a"b'],
  ['"a, b"', "a, b"],
  ["a-b+c", "a-b+c"],
  ["k".repeat(255), "k".repeat(255)],
  [`"${"k".repeat(255)}"`, "k".repeat(255)],
  [`"${'\\"'.repeat(255)}"`, '"'.repeat(255)],
])("%j is the key %j", (header, key) => expect(IdempotencyKey.parse(header)).toBe(key));

test.each([
  ...["", '""', "   ", "k".repeat(256), `"${"k".repeat(256)}"`, "schlüssel", "é", "a\u0000b", "a\tb"],
  ...["k, k", "k,k", "k, other", '"k", "k"', '"k","k"', 'k, "k"', '"k", k', ",", "k,"],
  ...['"', '"a', '"a"b"', '"a\\b"', '"a\\"'],
])("%j is not a valid key", (header) => {
  expect(IdempotencyKey.safeParse(header).success).toBe(false);
});

test.each([
  "k",
  "k, k",
  '"k, k"',
  "a-b",
  "k".repeat(255),
  "k".repeat(256),
  "a b",
  " ",
  "é",
  '"a b"',
  '"a',
  `"${'\\"'.repeat(255)}"`,
])("the published pattern and the code agree on %j", (header) => {
  const { pattern = "" } = IdempotencyKey.meta() ?? {};
  expect(new RegExp(String(pattern)).test(header)).toBe(IdempotencyKey.safeParse(header).success);
});
