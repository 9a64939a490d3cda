import { expect, it } from "vitest";
import { loseRegion } from "./lost-region.ts";

it("another region serves every id from the copies, the journal names what they lack, and repeats make one row each", async () => {
  const { issued, inTheCopy, notInTheCopy, recordedAtTheEnd } = await loseRegion(() => {});
  expect(inTheCopy + notInTheCopy).toBe(issued);
  expect(recordedAtTheEnd).toBeGreaterThan(issued);
});
