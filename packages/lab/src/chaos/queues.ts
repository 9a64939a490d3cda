import assert from "node:assert/strict";
import { GetQueueAttributesCommand, SetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { type ConfirmChannel, connect } from "amqplib";
import type { Lab } from "./lab.ts";

/** Messages that wait, that a poller holds, and that are delayed. */
export async function messagesIn(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { visible, inFlight, delayed } = await queueDepth(sqs, queueUrl);
  return visible + inFlight + delayed;
}

/** Works at the laboratory's broker, not through the proxy. Messages that it has taken and not acknowledged go back afterwards. */
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

/** The URL of another queue of the same stand-in for SQS. */
export function queueNamed({ queues }: Lab, name: string): string {
  return queues.orders.replace(/orders$/, name);
}

/** Sets the visibility timeout of queues of SQS, by default those of all lanes, to this many seconds until it is disposed of. */
export async function visibilitySeconds(
  { sqs, queues }: Lab,
  seconds: number,
  queueUrls: readonly string[] = Object.values(queues.lanes),
): Promise<AsyncDisposable> {
  const usual = new AsyncDisposableStack();
  for (const QueueUrl of queueUrls) {
    const set = async (VisibilityTimeout: string) => {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout } }));
    };
    const query = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] });
    const before = (await sqs.send(query)).Attributes?.VisibilityTimeout;
    assert.ok(before);
    await set(String(seconds));
    usual.defer(() => set(before));
  }
  return usual;
}
