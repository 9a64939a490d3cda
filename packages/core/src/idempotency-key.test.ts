import { expect, test } from "vitest";
import { IdempotencyKey } from "./idempotency-key.ts";

test.each([
  ["abc", "abc"],
  ['"abc"', "abc"],
  ['  "abc"  ', "abc"],
  ['"a\\"b"', 'a"b'],
  ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
  ["k".repeat(255), "k".repeat(255)],
])("%j is the key %j", (header, key) => expect(IdempotencyKey.parse(header)).toBe(key));

test.each(["", '""', "   ", "k".repeat(256), "schlüssel", "a\u0000b"])("%j is no key", (header) => {
  expect(IdempotencyKey.safeParse(header).success).toBe(false);
});
