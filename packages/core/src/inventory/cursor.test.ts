import { expect, test } from "vitest";
import { Cursor, cursorAfter } from "./cursor.ts";

test("a cursor parses to the id it was made from", () => {
  expect(Cursor.parse(cursorAfter(3201))).toBe(3201);
});

test("a cursor with one character changed, added or removed is refused", () => {
  const cursor = cursorAfter(3201);
  const altered = [...cursor].map(
    (character, index) => cursor.slice(0, index) + (character === "A" ? "B" : "A") + cursor.slice(index + 1),
  );
  for (const text of [...altered, `${cursor}A`, `${cursor}=`, cursor.slice(0, -1), "", "3201", "%00"]) {
    expect(Cursor.safeParse(text).success, text).toBe(false);
  }
});
