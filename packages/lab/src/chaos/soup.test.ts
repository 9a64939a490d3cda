import { expect, it } from "vitest";
import { describeStep, recipe } from "./soup.ts";

const described = (seed: number, seconds: number) => recipe(seed, seconds).map(describeStep);

it("is the same for the same seed, and another for another", () => {
  expect(described(42, 60)).toEqual(described(42, 60));
  expect(described(42, 60)).not.toEqual(described(43, 60));
});

it("begins the same however long it goes on", () => {
  expect(described(42, 120).slice(0, described(42, 60).length)).toEqual(described(42, 60));
});

it("has every ingredient in it sooner or later", () => {
  const names = new Set(recipe(1, 600).map(({ ingredient }) => ingredient.name));
  for (const name of [
    "kill -9 billing",
    "freeze rabbitmq",
    "reset before rabbitmq",
    "cut before orders database",
  ])
    expect(names).toContain(name);
});
