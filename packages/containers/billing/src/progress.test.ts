import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

const at = (time: string | undefined) => ({ acceptedAt: time });

test("is the newest order's time of acceptance, in whatever sequence orders are recorded", () => {
  const { note, recordedUpTo } = createProgress();
  note([at("2025-11-26T10:00:02Z"), at("2025-11-26T10:00:03Z")]);
  note([at("2025-11-26T10:00:01Z")]);
  expect(recordedUpTo()).toEqual(new Date("2025-11-26T10:00:03Z"));
});

test("says nothing before an order that says when it was accepted", () => {
  const { note, recordedUpTo } = createProgress();
  note([at(undefined)]);
  expect(recordedUpTo()).toBeUndefined();
});

test("is never ahead of the clock", () => {
  const { note, recordedUpTo } = createProgress();
  note([at("2999-01-01T00:00:00Z")]);
  expect(recordedUpTo()?.getTime()).toBeLessThanOrEqual(Date.now());
});
