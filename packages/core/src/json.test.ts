import { expect, test } from "vitest";
import { parseJson } from "./json.ts";

test.each([
  ['{"a":[1]}', { a: [1] }],
  ["null", null],
  ["", undefined],
  ["{", undefined],
  ["undefined", undefined],
])("the JSON of %j is %j", (text, value) => expect(parseJson(text)).toEqual(value));
