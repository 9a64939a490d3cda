import * as z from "zod";
import { type AwsCall, type AwsService, openAws } from "./aws.ts";

/** SQS as it answers for this queue. */
export function openSqs(
  queueUrl: string,
  patience: Pick<AwsService, "answerSeconds" | "attemptsMax"> = {},
): AwsCall {
  const service = { id: "SQS", signingName: "sqs", target: "AmazonSQS", version: "1.0" } as const;
  return openAws({ ...service, ...patience, url: queueUrl });
}

/** Most entries in one request. */
export const BATCH_MAX = 10;
const Answer = z.object({ Failed: z.array(z.object({ Code: z.string() })).default([]) });

/** Sends or deletes messages, ten at a time. Rejects when SQS refuses one of them; it may have done others all the same. */
export async function inBatches(
  sqs: AwsCall,
  operation: "SendMessageBatch" | "DeleteMessageBatch",
  queueUrl: string,
  entries: readonly object[],
): Promise<void> {
  for (let from = 0; from < entries.length; from += BATCH_MAX) {
    const Entries = entries.slice(from, from + BATCH_MAX).map((entry, id) => ({ Id: String(id), ...entry }));
    const { Failed } = Answer.parse(await sqs(operation, { QueueUrl: queueUrl, Entries }));
    if (Failed[0])
      throw new Error(`SQS refuses ${Failed.length} of ${Entries.length} messages: ${Failed[0].Code}`);
  }
}
