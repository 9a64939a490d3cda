import { expect, test } from "vitest";
import { Cursor, cursorAfter } from "./cursor.ts";

test.each([[[3201]], [[0, 3201]], [[2_147_483_647, 3201]]])(
  "a cursor parses to the place %j it was made from",
  (place) => {
    expect(Cursor.parse(cursorAfter(place))).toEqual(place);
  },
);

test("the cursor of the newest first is the one of earlier versions", () => {
  expect(cursorAfter([7])).toBe("Ny5naW1FZ2RVMQ");
});

test.each([[[3201]], [[12, 3201]]])(
  "a cursor of %j with one character changed, added or removed is refused",
  (place) => {
    const cursor = cursorAfter(place);
    const altered = [...cursor].map(
      (character, index) =>
        cursor.slice(0, index) + (character === "A" ? "B" : "A") + cursor.slice(index + 1),
    );
    for (const text of [...altered, `${cursor}A`, `${cursor}=`, cursor.slice(0, -1), "", "3201", "%00"]) {
      expect(Cursor.safeParse(text).success, text).toBe(false);
    }
  },
);
