import { setTimeout as sleep } from "node:timers/promises";
import { type Database, isLasting } from "@cloud-design/core/database";
import {
  chunkKey,
  type FailureReason,
  failImport,
  freeSlot,
  isChunkWanted,
  loadChunk,
  planImport,
  type Slot,
  startImport,
  takeSlot,
} from "@cloud-design/core/inventory";
import { parseJson } from "@cloud-design/core/json";
import type { Log } from "@cloud-design/core/log";
import { withDeadline } from "@cloud-design/core/retry";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import { ImportMessage } from "../shared/import-message.ts";
import type { ImportObjects } from "../shared/import-objects.ts";
import type { RetryLater } from "../shared/retry-later.ts";

/** Half a second is the time for which a slot is taken. */
const TURN_MS = 500;
const TURNS = 6;
/** Two tries of S3. */
const READ_SECONDS = 6;

const UNWANTED = "a chunk is skipped: it was loaded before, or its import has ended";

export interface LoaderDependencies {
  database: Pick<Database, "run">;
  objects: Pick<ImportObjects, "read">;
  retryLater: RetryLater;
  log: Log;
}

/** The chunk must come again: no slot of the budget is free, or this loader was slower than its lease. */
class NoSlotError extends Error {
  override name = "NoSlotError";
}

/**
 * Loads chunks and keeps the states of imports. A failed message comes again after a pause. One that must fail each time
 * does so after a second: its receives are over in less than half an hour, and it is a dead letter.
 */
export async function load(event: SQSEvent, deps: LoaderDependencies): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const record of event.Records) {
    try {
      await take(ImportMessage.parse(parseJson(record.body)), deps);
    } catch (err) {
      if (!(err instanceof NoSlotError)) deps.log.warn({ err }, "a message of an import stays in SQS");
      const isHopeless = err instanceof z.ZodError || isLasting(err);
      await deps
        .retryLater(record, isHopeless ? 1 : pauseSeconds(record))
        .catch((err: unknown) => deps.log.warn({ err }, "it comes back only after its visibility timeout"));
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}

async function take(message: ImportMessage, deps: LoaderDependencies): Promise<void> {
  const { database, objects, log } = deps;
  const { import: id } = message;
  if ("started" in message) return database.run((db) => startImport(db, id));
  if ("failed" in message) return fail(id, message.failed, deps);
  if ("chunks" in message) return database.run((db) => planImport(db, id, message));

  const { sha256, chunk, rows } = message;
  if (!(await database.run((db) => isChunkWanted(db, { importId: id, sha256, chunk }))))
    return log.info({ import_id: id, chunk, rows }, UNWANTED);
  const slot = await slotOf(database);
  const free = () => database.run((db) => freeSlot(db, slot));
  try {
    const reading = objects.read(chunkKey(id, chunk)).then((object) => object?.text());
    const content = await withDeadline(reading, READ_SECONDS, "S3");
    if (content === undefined) {
      await free();
      return await fail(id, "payload_gone", deps);
    }
    const loaded = await database.run((db) =>
      loadChunk(db, { importId: id, sha256, chunk, rows, content }, slot),
    );
    if (loaded === "late") throw new NoSlotError();
    log.info({ import_id: id, chunk, rows }, loaded === "loaded" ? "a chunk is loaded" : UNWANTED);
  } catch (error) {
    // Without it the slot is free again when its lease ends.
    await free().catch(() => {});
    throw error;
  }
}

/** Waits for a slot of the budget, some turns long: that costs less than to give the message back and to receive it again. */
async function slotOf(database: LoaderDependencies["database"]): Promise<Slot> {
  for (let turn = 1; turn <= TURNS; turn++) {
    const slot = await database.run(takeSlot);
    if (slot) return slot;
    if (turn < TURNS) await sleep(TURN_MS * (0.5 + Math.random()));
  }
  throw new NoSlotError();
}

async function fail(id: string, reason: FailureReason, { database, log }: LoaderDependencies): Promise<void> {
  await database.run((db) => failImport(db, id, reason));
  log.warn({ import_id: id, reason }, "an import has failed");
}

/** Random, and longer the more often a message has come: so many that wait, or an outage, cost few receives. */
export function pauseSeconds(record: Pick<SQSRecord, "attributes">): number {
  const receives = Number(record.attributes.ApproximateReceiveCount);
  return 1 + Math.floor(Math.random() * Math.min(5 * receives, 30));
}
