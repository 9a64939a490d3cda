import { expect, test } from "vitest";
import { fallenSince, figureOf, isReached } from "./figure.ts";
import { ratioOf, spreadOf, turned } from "./rounds.ts";

test("a spread is the median of the rounds, with the least and the greatest", () => {
  expect(spreadOf([5, 1, 9])).toEqual({ median: 5, min: 1, max: 9 });
  expect(spreadOf([4, 2])).toEqual({ median: 3, min: 2, max: 4 });
});

test("a ratio is that of each round, so that a slow round changes nothing", () => {
  expect(ratioOf([50, 5, 60], [100, 10, 100])).toEqual({ median: 0.5, min: 0.5, max: 0.6 });
});

test("each server begins one round in turn", () => {
  expect([0, 1, 2, 3].map((round) => turned(["a", "b", "c"], round).join(""))).toEqual([
    "abc",
    "bca",
    "cab",
    "abc",
  ]);
});

test.each([
  [{ ratio: 0.5 }, true],
  [{ ratio: 0.51 }, false],
  [{ atLeast: 50 }, true],
  [{ atLeast: 51 }, false],
  [{ atMost: 50 }, true],
  [{ atMost: 49 }, false],
])("half of the bare one, with 50, reaches %j: %s", (target, expected) =>
  expect(isReached(figureOf({ name: "work", unit: "/s", target }, { ours: [50], bare: [100] }))).toBe(
    expected,
  ),
);

test("names what fell by more than a tenth since it was published, and nothing else", () => {
  const published = new Map([
    ["steady", 0.6],
    ["fallen", 0.6],
    ["gone", 0.6],
  ]);
  const at = (name: string, ours: number) => figureOf({ name, unit: "/s" }, { ours: [ours], bare: [100] });
  expect(fallenSince(published, [at("steady", 54), at("fallen", 53), at("new", 1)])).toEqual([
    "fallen: 0.53 of the bare one, and 0.60 when last published",
  ]);
});
