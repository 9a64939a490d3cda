import { expect, inject, test } from "vitest";
import { type App, readApp } from "../testing/app.ts";
import { CHECKS } from "../testing/checks.ts";
import { MISTAKES } from "../testing/mistakes.ts";

const outputs = inject("outputs");
const apps = { prod: readApp("prod", outputs.prod), learner: readApp("learner", outputs.learner) };
const problems = { prod: problemsOf(apps.prod), learner: problemsOf(apps.learner) };

test.each(MISTAKES)("exactly these checks fail when $mistake", ({ stage, at, make, turnsRed }) => {
  const before = problems[stage ?? "prod"];
  const app = structuredClone(apps[stage ?? "prod"]);
  const resource = app.resources.find(({ name }) => name === at);
  if (!resource) throw new Error(`There is no ${at} to break.`);
  make(resource);
  const after = problemsOf(app);
  const told = Object.keys(CHECKS).filter((claim) => after[claim] !== before[claim]);
  expect(told).toEqual(turnsRed);
});

test("every check has noticed a mistake", () => {
  const noticed = new Set<string>(MISTAKES.flatMap(({ turnsRed }) => turnsRed));
  expect(Object.keys(CHECKS).filter((claim) => !noticed.has(claim))).toEqual([]);
});

/** The problems of each check. */
function problemsOf(app: App): Record<string, string> {
  return Object.fromEntries(Object.entries(CHECKS).map(([claim, check]) => [claim, check(app).join("\n")]));
}
