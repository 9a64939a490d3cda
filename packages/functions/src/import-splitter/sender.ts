import * as z from "zod";
import type { ImportMessage } from "../shared/import-message.ts";
import { openSqs } from "../shared/sqs.ts";

/** The maximum of SQS. */
const BATCH = 10;

const Answer = z.object({ Failed: z.array(z.object({ Code: z.string() })).optional() });

/** Sends messages to this queue. Rejects when SQS refuses one of them; some may be sent then. */
export function openSender(queueUrl: string) {
  const sqs = openSqs(queueUrl);
  return async (messages: readonly ImportMessage[]): Promise<void> => {
    for (let sent = 0; sent < messages.length; sent += BATCH) {
      const batch = messages.slice(sent, sent + BATCH);
      const entries = batch.map((message, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify(message),
        // By this id SQS tells imports apart: the chunks of a large one must not hold up a small one.
        MessageGroupId: message.import,
      }));
      const answer = await sqs("SendMessageBatch", { QueueUrl: queueUrl, Entries: entries });
      const [failed] = Answer.parse(answer).Failed ?? [];
      if (failed) throw new Error(`SQS refuses a message: ${failed.Code}`);
    }
  };
}
