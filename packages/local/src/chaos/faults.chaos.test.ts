import { afterAll, beforeAll, expect, it } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { type Lab, openLab } from "./lab.ts";
import { runFault } from "./run-fault.ts";
import { soup } from "./soup.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(() => {});
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// A seed whose ten seconds have a kill, a freeze and a network in them.
const SOUP = soup(7, 10);

it.each([...FAULTS.filter(({ isFast }) => isFast), SOUP])("$name: $hypothesis", async (fault) => {
  const { broken } = await runFault(fault, lab, () => {});
  expect(broken).toEqual([]);
});
