import { openDatabase } from "@cloud-design/core/database";
import { createImport, freeSlot, type Slot, takeSlot } from "@cloud-design/core/inventory";
import { createLog } from "@cloud-design/core/log";
import type { SQSRecord } from "aws-lambda";
import { afterAll, expect, inject, test } from "vitest";
import type { ImportObject } from "../shared/import-objects.ts";
import { load } from "./loader.ts";

const SHA256 = "ab".repeat(32);
const database = openDatabase({ url: inject("moviesUrl"), name: "test" });
afterAll(() => database.close());

/** Waits for a slot that another test may still hold. */
async function untilSlot(): Promise<Slot> {
  let slot: Slot | undefined;
  await expect.poll(async () => (slot = await database.run(takeSlot))).toBeDefined();
  return slot as Slot;
}

test("a chunk whose data the database refuses is soon a dead letter, and its slot is free at once", async () => {
  const announced = { format: "ndjson", bytes: 1, sha256: SHA256 } as const;
  const { id } = await database.run((db) => createImport(db, announced, "ann"));
  const held = [await untilSlot(), await untilSlot()];
  await database.run((db) => freeSlot(db, held[0] as Slot));

  const body = JSON.stringify({ import: id, sha256: SHA256, chunk: 0, rows: 1 });
  const record = { messageId: "a", body, attributes: { ApproximateReceiveCount: "100" } } as SQSRecord;
  const pauses: number[] = [];
  const deps = {
    database,
    objects: { read: async () => ({ text: async () => '{"title":null}' }) as ImportObject },
    retryLater: async (_: SQSRecord, seconds: number) => void pauses.push(seconds),
    log: createLog("test"),
  };
  const { batchItemFailures } = await load({ Records: [record] }, deps);
  expect(batchItemFailures).toEqual([{ itemIdentifier: "a" }]);
  expect(pauses).toEqual([1]);
  const next = await database.run(takeSlot);
  expect(next).toMatchObject({ slot: held[0]?.slot });
  for (const slot of [next, held[1]]) await database.run((db) => freeSlot(db, slot as Slot));
});
