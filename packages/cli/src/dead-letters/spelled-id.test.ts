import fc from "fast-check";
import { expect, test } from "vitest";
import { readId, spellId } from "./spelled-id.ts";

test.each([
  ["invoice-7", "invoice-7"],
  ["a b é 漢 🎬", "a b é 漢 🎬"],
  ["\u0000\u0007\n\t\u202e", "\\u0000\\u0007\\u000a\\u0009\\u202e"],
  ["C:\\u0007", "C:\\u005cu0007"],
])("the id %j is spelled %s", (id, spelled) => expect(spellId(id)).toBe(spelled));

test("every id has a spelling on one line without control characters that names it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (id) => {
      expect(spellId(id)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
      expect(readId(spellId(id))).toBe(id);
    }),
  );
});
