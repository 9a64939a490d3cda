import { inBatches, openSqs } from "@cloud-design/core/sqs";
import type { ImportMessage } from "../shared/import-message.ts";

/** Sends messages to this queue. Rejects when SQS refuses one of them; some may be sent then. */
export function openSender(queueUrl: string) {
  const sqs = openSqs(queueUrl);
  return (messages: readonly ImportMessage[]): Promise<void> =>
    inBatches(
      sqs,
      "SendMessageBatch",
      queueUrl,
      messages.map((message) => ({
        MessageBody: JSON.stringify(message),
        // By this id SQS tells imports apart: the chunks of a large one must not hold up a small one.
        MessageGroupId: message.import,
      })),
    );
}
