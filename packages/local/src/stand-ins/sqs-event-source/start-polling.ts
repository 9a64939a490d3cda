import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@cloud-design/core/log";
import { openSqs } from "@cloud-design/core/sqs";
import type { SQSEvent } from "aws-lambda";
import { type LambdaFunction, lambdaFunction } from "../lambda/lambda-function.ts";
import { type EventSource, runEventSource } from "./event-source.ts";
import { Received } from "./to-event.ts";

/** Lambda polls for 20 s. Ctrl-C waits for a poll, because an aborted poll would hide its messages; so it takes 2 s here. */
const POLL_SECONDS = 2;

interface Polled {
  name: string;
  limits: { batchSize: number; timeoutSeconds: number };
  queues: readonly { url: string; concurrency: number }[];
  environment: { AWS_REGION: string; RESERVED_CONCURRENCY?: number | undefined };
  handler: LambdaFunction<SQSEvent, unknown>["handler"];
  log: Log;
}

/** A function, and a poller for each of its queues. Returns how to stop: it ends once everything received has been handled. */
export function startPolling({ name, limits, queues, environment, handler, log }: Polled) {
  const { AWS_REGION: region, RESERVED_CONCURRENCY: concurrencyMax } = environment;
  const { batchSize, timeoutSeconds } = limits;
  const invoke = lambdaFunction({ name, timeoutSeconds, concurrencyMax, handler });
  const stopping = new AbortController();
  const running = queues.map(({ url, concurrency }) => {
    log.info({ queue_url: url }, "polling");
    const source = { ...openQueue(url, batchSize), invoke, region, concurrency, log };
    return runEventSource(source, stopping.signal);
  });
  return async () => {
    stopping.abort();
    await Promise.race([Promise.all(running), sleep(timeoutSeconds * 1_000)]);
  };
}

/** The calls to SQS of one event source. */
function openQueue(
  queueUrl: string,
  batchSize: number,
): Pick<EventSource, "queueUrl" | "receive" | "remove"> {
  const sqs = openSqs(queueUrl, {
    // Much longer than the poll: an answer that is given up hides its messages for the whole visibility timeout.
    answerSeconds: 60,
    // The poller and the visibility timeout repeat a failed call; a second layer of retries would only delay them.
    attemptsMax: 1,
  });
  return {
    queueUrl,
    async receive() {
      const received = await sqs("ReceiveMessage", {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: batchSize,
        WaitTimeSeconds: POLL_SECONDS,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      });
      return Received.parse(received).Messages;
    },
    async remove(messages) {
      const Entries = messages.map(({ ReceiptHandle }, id) => ({ Id: String(id), ReceiptHandle }));
      await sqs("DeleteMessageBatch", { QueueUrl: queueUrl, Entries });
    },
  };
}
