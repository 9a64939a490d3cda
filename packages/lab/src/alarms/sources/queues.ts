import * as z from "zod";
import type { Lab } from "../../chaos/lab.ts";
import { keyOf, MINUTE_SECONDS, type Recorder } from "../recorder.ts";
import { sampling } from "./source.ts";

/** After this many receives SQS leaves a message out of the age ("Available CloudWatch metrics for Amazon SQS"). */
const RECEIVES_MAX = 3;

const Message = z.object({ sentTimestamp: z.number(), approximateReceiveCount: z.number() });
const Inspection = z.object({
  messages: z.object({
    ready: z.array(Message),
    delayed: z.array(Message),
    inflight: z.array(z.object({ message: Message })),
  }),
});

/** AWS/SQS: the number of waiting messages in each queue, and the age of the oldest in the laboratory's minutes. */
export function watchQueues({ queues }: Pick<Lab, "queues">, recorder: Recorder): AsyncDisposable {
  const names: [url: string, queue: string][] = [
    [queues.lanes.standard, "<Orders/Queue.QueueName>"],
    [queues.lanes.priority, "<Orders/Priority.QueueName>"],
    [queues.deadLetters, "<Orders/DeadLetters.QueueName>"],
    [queues.webhookDeliveries, "<Webhooks/Deliveries.QueueName>"],
    [queues.webhookRetries, "<Webhooks/Retries.QueueName>"],
    [queues.webhookDeadLetters, "<Webhooks/DeadLetters.QueueName>"],
    [new URL("imports-dead-letters", queues.orders).href, "<Imports/FilesDeadLetters.QueueName>"],
    [new URL("import-chunks-dead-letters", queues.orders).href, "<Imports/ChunksDeadLetters.QueueName>"],
  ];
  return sampling(async () => {
    for (const [url, queue] of names) {
      const take = (metric: string, value: number) =>
        recorder.take(keyOf(recorder.wanted, `AWS/SQS ${metric}`, queue), value);
      const { ready, delayed, inflight } = await inspect(url);
      // biome-ignore lint/plugin: messages carry the wall time at which SQS took them.
      const now = Date.now();
      const messages = [...ready, ...delayed, ...inflight.map(({ message }) => message)];
      const sentAt = messages
        .filter(({ approximateReceiveCount }) => approximateReceiveCount < RECEIVES_MAX)
        .reduce((oldest, { sentTimestamp }) => Math.min(oldest, sentTimestamp), now);
      take("ApproximateAgeOfOldestMessage", Math.round(((now - sentAt) / 1_000) * (60 / MINUTE_SECONDS)));
      take("ApproximateNumberOfMessagesVisible", ready.length);
      take("ApproximateNumberOfMessagesNotVisible", inflight.length);
    }
  });
}

/** The stand-in of SQS answers this to any caller on this machine. Real SQS shows the age of a message only by delivering it. */
async function inspect(queueUrl: string) {
  const { origin, pathname } = new URL(queueUrl);
  const response = await fetch(`${origin}/_fauxqs/queues/${pathname.split("/").at(-1)}`, {
    signal: AbortSignal.timeout(1_000),
  });
  return Inspection.parse(await response.json()).messages;
}
