import { expect, test } from "vitest";
import { phasesOf, SCENARIO_NAMES, volumeOf } from "./scenarios.ts";

const size = { perSecond: 120, seconds: 60 };

test("steps have three levels: a third of the rate, two thirds, all of it", () => {
  expect(phasesOf("steps", size)).toEqual([
    { name: "40 a second", perSecond: 40, seconds: 20 },
    { name: "80 a second", perSecond: 80, seconds: 20 },
    { name: "120 a second", perSecond: 120, seconds: 20 },
  ]);
});

test("a spike is four times as much at once, between two quiet phases", () => {
  expect(phasesOf("spike", size).map(({ name, perSecond }) => [name, perSecond])).toEqual([
    ["before", 30],
    ["spike", 120],
    ["after", 30],
  ]);
});

test("no scenario exceeds the rate and the time that were asked for", () => {
  for (const name of SCENARIO_NAMES) {
    const phases = phasesOf(name, size);
    expect(Math.max(...phases.map(({ perSecond }) => perSecond))).toBeLessThanOrEqual(size.perSecond);
    expect(phases.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(size.seconds);
  }
});

test("the volume counts all requests, and the orders among them", () => {
  expect(volumeOf(phasesOf("steps", size))).toEqual({ requests: 4_800, orders: 720 });
});
