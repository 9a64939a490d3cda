import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** Those that wait, those that a poller holds, and those that are delayed. */
export async function messagesIn(sqs: SQSClient, queueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["All"] });
  const attributes: Partial<Record<string, string>> = (await sqs.send(command)).Attributes ?? {};
  return ["", "NotVisible", "Delayed"]
    .map((kind) => Number(attributes[`ApproximateNumberOfMessages${kind}`]))
    .reduce((sum, count) => sum + count);
}
