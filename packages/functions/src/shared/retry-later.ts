import { openSqs } from "@cloud-design/core/sqs";
import type { SQSRecord } from "aws-lambda";

/** Makes a message visible again sooner, or later, than its visibility timeout would. */
export type RetryLater = (record: SQSRecord, seconds: number) => Promise<void>;

/** For messages of this queue. */
export function openRetryLater(queueUrl: string): RetryLater {
  const sqs = openSqs(queueUrl);
  return async ({ receiptHandle }, seconds) => {
    await sqs("ChangeMessageVisibility", {
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    });
  };
}
