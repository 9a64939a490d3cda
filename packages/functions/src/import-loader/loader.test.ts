import type { Database } from "@cloud-design/core/database";
import { takeSlot } from "@cloud-design/core/inventory";
import { createLog } from "@cloud-design/core/log";
import type { SQSRecord } from "aws-lambda";
import { afterEach, expect, test, vi } from "vitest";
import { IMPORT_LOADER } from "../shared/import-limits.ts";
import { type LoaderDependencies, load, pauseSeconds } from "./loader.ts";

afterEach(() => vi.restoreAllMocks());

const ID = "0c4f8a52-61a5-4d0e-9d3f-0d5f0f5b8c11";
const CHUNK = JSON.stringify({ import: ID, sha256: "ab".repeat(32), chunk: 3, rows: 500 });
/** A chunk is wanted, and no slot is free. */
const noSlot: Database["run"] = async (verb) => (verb === takeSlot ? undefined : true) as never;

const record = (receives: number, body = CHUNK) =>
  ({
    messageId: `m${receives}`,
    body,
    attributes: { ApproximateReceiveCount: String(receives) },
  }) as SQSRecord;

function deps(given: Partial<LoaderDependencies> = {}): LoaderDependencies & { pauses: Map<number, number> } {
  const pauses = new Map<number, number>();
  return {
    pauses,
    database: { run: noSlot },
    objects: { read: async () => expect.unreachable("without a slot no chunk is read") },
    retryLater: async ({ attributes }, seconds) =>
      void pauses.set(Number(attributes.ApproximateReceiveCount), seconds),
    log: createLog("test"),
    ...given,
  };
}

test("a chunk without a slot goes back, for at most half a minute however often it came", async () => {
  const given = deps();
  const receives = [1, 2, 5, 999];
  const answers = await Promise.all(receives.map((count) => load({ Records: [record(count)] }, given)));
  const failures = answers.flatMap(({ batchItemFailures }) => batchItemFailures);
  expect(failures).toEqual(receives.map((count) => ({ itemIdentifier: `m${count}` })));
  expect([...given.pauses.keys()].toSorted((a, b) => a - b)).toEqual(receives);
  for (const [count, pause] of given.pauses) {
    expect(pause).toBeGreaterThanOrEqual(1);
    expect(pause).toBeLessThanOrEqual(Math.min(30, 5 * count));
  }
});

test("a chunk that is not wanted any more takes no slot and reads no object", async () => {
  const run: Database["run"] = async (verb) => (verb === takeSlot ? expect.unreachable() : (false as never));
  expect(await load({ Records: [record(1)] }, deps({ database: { run } }))).toEqual({
    batchItemFailures: [],
  });
});

test("what fails is reported also when SQS refuses the shorter pause", async () => {
  const run: Database["run"] = () => Promise.reject(new Error("the database is away"));
  const retryLater = () => Promise.reject(new Error("SQS is away"));
  const { batchItemFailures } = await load({ Records: [record(1)] }, deps({ database: { run }, retryLater }));
  expect(batchItemFailures).toEqual([{ itemIdentifier: "m1" }]);
});

test.each([
  "",
  "{}",
  JSON.stringify({ import: "../other", started: true }),
  JSON.stringify({ import: ID, chunk: -1, rows: 1, sha256: "" }),
  JSON.stringify({ import: ID, failed: "a reason of a stranger" }),
])("a message that no splitter sends changes nothing, and is soon a dead letter: %j", async (body) => {
  const run: Database["run"] = () => expect.unreachable();
  const given = deps({ database: { run } });
  const { batchItemFailures } = await load({ Records: [record(100, body)] }, given);
  expect(batchItemFailures).toHaveLength(1);
  expect(given.pauses.get(100)).toBe(1);
});

test("waiting for a slot dead-letters no chunk within four hours", () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const pauses = Array.from({ length: IMPORT_LOADER.receivesMax - 1 }, (_, index) =>
    pauseSeconds(record(index + 1)),
  );
  expect(pauses.reduce((sum, pause) => sum + pause)).toBeGreaterThan(4 * 3_600);
  expect(IMPORT_LOADER.visibilitySeconds).toBe(6 * IMPORT_LOADER.timeoutSeconds);
});
