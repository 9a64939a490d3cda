import { importOfUpload, sentKey } from "@cloud-design/core/inventory/import-keys";
import { parseJson } from "@cloud-design/core/json";
import type { Log } from "@cloud-design/core/log";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import type { ImportMessage } from "../shared/import-message.ts";
import type { ImportObjects } from "../shared/import-objects.ts";
import type { RetryLater } from "../shared/retry-later.ts";
import { split } from "./split.ts";

/**
 * S3's notification (Amazon S3 user guide, "Event message structure"). Its bucket is not read: the function has its own.
 * S3 sends the test event, which has no records, when the notification is set up.
 */
const Notification = z.union([
  z.object({ Records: z.array(z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })) }),
  z.object({ Event: z.literal("s3:TestEvent") }).transform(() => ({ Records: [] })),
]);

export interface SplitterDependencies {
  objects: ImportObjects;
  send(messages: readonly ImportMessage[]): Promise<void>;
  retryLater: RetryLater;
  log: Log;
}

/**
 * Splits the uploads that S3 announces. A message that names no upload is refused: it comes again each second, and so is soon
 * a dead letter. A failure repeats the whole after a pause: the same file gives the same chunks.
 */
export async function handle(event: SQSEvent, deps: SplitterDependencies): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse["batchItemFailures"] = [];
  for (const record of event.Records) {
    let ids: string[] | undefined;
    try {
      ids = uploadsOf(record.body);
      for (const id of ids) await splitUpload(id, deps);
    } catch (err) {
      deps.log.error({ err }, "an upload is not split");
      await deps
        .retryLater(record, ids ? pauseSeconds(record) : 1)
        .catch((err: unknown) => deps.log.warn({ err }, "it comes back only after its visibility timeout"));
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}

/** Twice as long with each receive, up to ten minutes: a short outage delays a file little, and a long one reads it seldom. */
export function pauseSeconds(record: Pick<SQSRecord, "attributes">): number {
  return Math.min(15 * 2 ** (Number(record.attributes.ApproximateReceiveCount) - 1), 600);
}

function uploadsOf(body: string): string[] {
  return Notification.parse(parseJson(body)).Records.map(({ s3 }) => {
    const id = importOfUpload(s3.object.key);
    if (id === undefined) throw new Error("The message names an object that is no upload.");
    return id;
  });
}

/** A file is split once, although S3 may tell of it twice, and its form takes it again until it expires. */
async function splitUpload(id: string, { objects, send, log }: SplitterDependencies): Promise<void> {
  const sent = await objects.read(sentKey(id));
  if (sent) {
    // Its connection is free once it is read.
    await sent.text();
    return log.info({ import_id: id }, "an upload was split before");
  }
  await send([{ import: id, started: true }]);
  await send(await split(id, objects));
  await objects.write(sentKey(id), "");
  log.info({ import_id: id }, "an upload is split");
}
