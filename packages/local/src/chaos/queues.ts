import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type ConfirmChannel, connect } from "amqplib";
import type { Lab } from "./lab.ts";

/** Those that wait, those that a poller holds, and those that are delayed. */
export async function messagesIn(sqs: SQSClient, queueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["All"] });
  const attributes: Partial<Record<string, string>> = (await sqs.send(command)).Attributes ?? {};
  return ["", "NotVisible", "Delayed"]
    .map((kind) => Number(attributes[`ApproximateNumberOfMessages${kind}`]))
    .reduce((sum, count) => sum + count);
}

/** Works at the laboratory's broker, past the proxy; what it has taken and not acknowledged goes back afterwards. */
export async function withChannel<T>(
  { broker }: Pick<Lab, "broker">,
  work: (channel: ConfirmChannel) => Promise<T>,
): Promise<T> {
  const connection = await connect(broker.url);
  try {
    return await work(await connection.createConfirmChannel());
  } finally {
    await connection.close();
  }
}
