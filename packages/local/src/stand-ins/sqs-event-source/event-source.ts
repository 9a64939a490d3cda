import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@cloud-design/core/log";
import { fullJitter } from "@cloud-design/core/retry";
import type { SQSEvent } from "aws-lambda";
import { type Message, toEvent } from "./to-event.ts";
import { failedIds } from "./verdict.ts";

export interface EventSource {
  /** Up to ten messages, or an empty list after the long poll. Rejects while SQS is down. */
  receive(): Promise<Message[]>;
  remove(messages: readonly Message[]): Promise<void>;
  /** Runs the function. */
  invoke(event: SQSEvent): Promise<unknown>;
  queueUrl: string;
  region: string;
  /** The number of batches that are handled at a time. */
  concurrency: number;
  log: Log;
}

/**
 * Polls until the signal is given and resolves once everything received has been handled. A poll under way is waited for,
 * not aborted: messages that SQS has already handed out would stay invisible for the whole visibility timeout.
 */
export async function runEventSource(source: EventSource, signal: AbortSignal): Promise<void> {
  const outage = { failures: 0 };
  await Promise.all(Array.from({ length: source.concurrency }, () => poll(source, outage, signal)));
}

async function poll(source: EventSource, outage: { failures: number }, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const messages = await source.receive().catch((error: unknown) => {
      outage.failures += 1;
      if (outage.failures === 1) source.log.warn({ err: error }, "SQS does not answer: polling on");
    });
    if (messages === undefined) {
      // The pollers share the count, so it grows by `concurrency` per round.
      const attempt = Math.ceil(outage.failures / source.concurrency);
      await sleep(fullJitter(attempt), undefined, { signal }).catch(() => {});
      continue;
    }
    if (outage.failures > 0) source.log.info("SQS answers again");
    outage.failures = 0;
    if (messages.length > 0) await handleBatch(source, messages);
  }
}

/** Invokes the function once and deletes the messages that it did not report as failed. Never rejects: SQS delivers the others again. */
export async function handleBatch(source: EventSource, messages: readonly Message[]): Promise<void> {
  const { invoke, remove, log } = source;
  try {
    const event = toEvent(messages, source.queueUrl, source.region);
    const response = await invoke(event);
    const failed = failedIds(
      event.Records.map((record) => record.messageId),
      response,
    );
    const done = messages.filter((message) => !failed.has(message.MessageId));
    if (done.length > 0) await remove(done);
  } catch (error) {
    log.error({ err: error, messages: messages.length }, "a batch failed: its messages come again");
  }
}
