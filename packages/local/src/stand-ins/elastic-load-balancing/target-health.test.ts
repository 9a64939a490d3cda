import { expect, test } from "vitest";
import { afterCheck, INITIAL, type TargetHealth, targetOf } from "./target-health.ts";

const after = (results: string, from: TargetHealth = INITIAL) =>
  [...results].reduce((health, result) => afterCheck(health, result === "+"), from).state;

test.each([
  ["", "initial"],
  ["+", "healthy"],
  ["-+", "healthy"],
  ["--", "initial"],
  ["---", "unhealthy"],
  ["+--", "healthy"],
  ["+--+--", "healthy"],
  ["+---", "unhealthy"],
  ["+---+", "unhealthy"],
  ["+---+-+", "unhealthy"],
  ["+---++", "healthy"],
  ["+---++--", "healthy"],
])("after the checks %j a new target is %s", (results, state) => {
  expect(after(results)).toBe(state);
});

const target = (name: string, state: TargetHealth["state"]) => ({
  name,
  health: { state, contradictions: 0 },
});
const turns = (...targets: ReturnType<typeof target>[]) =>
  [0, 1, 2, 3].map((turn) => targetOf(targets, turn)?.name);

test("healthy targets take turns, and no other target gets a request", () => {
  const [one, two] = [target("one", "healthy"), target("two", "healthy")];
  expect(turns(one, target("sick", "unhealthy"), two, target("new", "initial"))).toEqual([
    "one",
    "two",
    "one",
    "two",
  ]);
});

test("without a healthy target, all of them get requests", () => {
  expect(turns(target("sick", "unhealthy"), target("new", "initial"))).toEqual([
    "sick",
    "new",
    "sick",
    "new",
  ]);
  expect(turns()).toEqual([undefined, undefined, undefined, undefined]);
});
