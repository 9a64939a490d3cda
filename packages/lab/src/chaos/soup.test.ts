import { expect, it } from "vitest";
import { describeStep, recipe } from "./soup.ts";

const described = (seed: number, seconds: number) => recipe(seed, seconds).map(describeStep);

it("is the same for the same seed, and different for another seed", () => {
  expect(described(42, 60)).toEqual(described(42, 60));
  expect(described(42, 60)).not.toEqual(described(43, 60));
});

it("begins with the same faults however long it lasts", () => {
  expect(described(42, 120).slice(0, described(42, 60).length)).toEqual(described(42, 60));
});

it("contains every kind of fault in the long run", () => {
  const names = new Set(recipe(1, 600).map(({ ingredient }) => ingredient.name));
  for (const name of [
    "kill -9 billing",
    "freeze rabbitmq",
    "reset before rabbitmq",
    "cut before orders database",
  ])
    expect(names).toContain(name);
});
