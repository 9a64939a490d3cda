import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FAULTS } from "./faults/index.ts";
import { type Lab, openLab } from "./lab.ts";
import { drawn, readPieces, runMillion } from "./million.ts";
import { runFault } from "./run-fault.ts";
import { soup } from "./soup.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(() => {});
});
afterAll(() => lab?.[Symbol.asyncDispose]());

// The first ten seconds of this seed contain a kill, a freeze and a network fault.
const SOUP = soup(7, 10);

// The first piece of this seed is a short fault of the table.
const SHORT_SEED = 33;

it.each([...FAULTS.filter(({ isFast }) => isFast), SOUP])("$name: $hypothesis", async (fault) => {
  const { broken } = await runFault(fault, lab, () => {});
  expect(broken).toEqual([]);
});

it("a million writes each piece into its journal, and continues after an interrupted one, and repeats a broken one", async () => {
  const journal = join(lab.directory, "million.ndjson");
  const goal = { seed: SHORT_SEED, orders: 1, faults: 1, perSecond: 20 };
  const report = { doing() {}, done() {} };
  const kept = { ...lab, [Symbol.asyncDispose]: async () => {} };
  const pieces = await runMillion(goal, journal, report, async () => kept);
  expect(pieces).toMatchObject([{ number: 0, fault: drawn(SHORT_SEED, 0).fault.name, lost: 0, broken: [] }]);
  // A kill can leave an incomplete line behind.
  appendFileSync(journal, '{"number":1,"fau');
  expect(readPieces(journal)).toEqual(pieces);
  const unused = () => Promise.reject(new Error("The goal was reached: nothing is left to run"));
  expect(await runMillion(goal, journal, report, unused)).toEqual(pieces);
  writeFileSync(journal, `${JSON.stringify({ ...pieces[0], broken: ["R4: no problem"] })}\n`);
  const repeated = await runMillion(goal, journal, report, async () => kept);
  expect(repeated).toMatchObject([
    { number: 0, broken: ["R4: no problem"] },
    { number: 0, broken: [] },
  ]);
});
