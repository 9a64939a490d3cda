import { expect, test } from "vitest";
import { randomFrom } from "../chaos/random.ts";
import { arrivalsOf } from "./arrivals.ts";
import { MIX } from "./scenarios.ts";

const PHASES = [
  { name: "before", perSecond: 10, seconds: 100 },
  { name: "spike", perSecond: 40, seconds: 100 },
];
const arrivals = [...arrivalsOf(PHASES, randomFrom(1))];

test("each phase has its rate, within four standard deviations of a Poisson process", () => {
  const counts = PHASES.map((_, phase) => arrivals.filter((arrival) => arrival.phase === phase).length);
  for (const [index, mean] of [1_000, 4_000].entries())
    expect(Math.abs((counts[index] ?? 0) - mean)).toBeLessThan(4 * Math.sqrt(mean));
});

test("arrivals come in order, each within its phase", () => {
  expect(arrivals.every(({ at }, index) => at >= (arrivals[index - 1]?.at ?? 0))).toBe(true);
  expect(arrivals.every(({ at, phase }) => Math.floor(at / 100_000) === phase)).toBe(true);
});

test("a gap follows from its random number: at one half it is ln 2 of the mean", () => {
  const [first] = arrivalsOf([{ name: "", perSecond: 10, seconds: 1 }], () => 0.5);
  expect(first?.at).toBeCloseTo(100 * Math.LN2, 9);
});

test("gaps vary as those of independent callers do: a third is longer than the mean", () => {
  const gaps = arrivals.slice(1, 900).map(({ at }, index) => at - (arrivals[index]?.at ?? 0));
  const share = gaps.filter((gap) => gap > 100).length / gaps.length;
  expect(share).toBeGreaterThan(0.3);
  expect(share).toBeLessThan(0.44);
});

test("the kinds come in the stated mix, which is a hundred in all", () => {
  expect(Object.values(MIX).reduce((sum, share) => sum + share, 0)).toBe(100);
  for (const [kind, share] of Object.entries(MIX)) {
    const count = arrivals.filter((arrival) => arrival.kind === kind).length;
    expect(Math.abs((100 * count) / arrivals.length - share)).toBeLessThan(3);
  }
});

test("the same seed makes the same arrivals, another one others", () => {
  expect([...arrivalsOf(PHASES, randomFrom(1))]).toEqual(arrivals);
  expect([...arrivalsOf(PHASES, randomFrom(2))]).not.toEqual(arrivals);
});
