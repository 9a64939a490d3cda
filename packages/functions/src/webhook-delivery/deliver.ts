import { parseJson } from "@cloud-design/core/json";
import type { Log } from "@cloud-design/core/log";
import { ATTEMPTS_MAX, Delivery, nextAttempt, waiting } from "@cloud-design/core/webhooks/delivery";
import { secretOf, signedHeaders } from "@cloud-design/core/webhooks/signature";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { SendPost } from "./post.ts";

export interface DeliveryDependencies {
  /** The stage's secret. */
  secret: string;
  sendPost: SendPost;
  /** Puts the next attempt into the queue of those that wait. */
  retryLater(message: ReturnType<typeof waiting>): Promise<unknown>;
  layAside(message: { MessageBody: string; reason: string }): Promise<unknown>;
  log: Log;
}

/**
 * One attempt for each delivery of a batch, all at the same time. An attempt that fails is settled too: its next attempt
 * is a new message with a delay. A message that waits invisible would count as in flight, and a queue can have 120,000
 * of those (Amazon SQS developer guide, "Amazon SQS message quotas"), which a few dead receivers reach in an hour.
 */
export async function deliverAll(event: SQSEvent, deps: DeliveryDependencies): Promise<SQSBatchResponse> {
  const results = await Promise.allSettled(event.Records.map(({ body }) => settle(body, deps)));
  const failed = event.Records.filter((_, index) => results[index]?.status === "rejected");
  const [err] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (err) deps.log.error({ err, failed: failed.length, of: results.length }, "deliveries stay in SQS");
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** The receiver wants no more events (Standard Webhooks, "Deliverability and reliability"): neither an attempt nor a dead letter helps. */
const GONE = "HTTP 410";

/** Rejects only when neither the receiver has the delivery nor a queue its next attempt. */
async function settle(message: string, deps: DeliveryDependencies): Promise<void> {
  const delivery = Delivery.parse(parseJson(message));
  const { log } = deps;
  const ids = { webhook: delivery.webhook, message_id: delivery.id, attempt: delivery.attempt };
  const reason = await failureOf(delivery, deps);
  if (reason === undefined) return log.info(ids, "webhook delivered");
  if (reason === GONE) return log.info(ids, "delivery dropped: its receiver is gone");
  const next = nextAttempt(delivery);
  if (next) {
    await deps.retryLater(waiting(next));
    return log.info({ ...ids, reason }, "webhook failed");
  }
  // Back in the queue, it would begin with the first attempt again.
  const letter = JSON.stringify({ ...delivery, attempt: 1 } satisfies Delivery);
  await deps.layAside({
    MessageBody: letter,
    reason: `${ATTEMPTS_MAX} attempts failed, the last one with: ${reason}`,
  });
  log.warn({ ...ids, reason }, "webhook given up");
}

/** Why the receiver does not have the delivery; undefined when it has it. */
async function failureOf(
  { webhook, url, id, body }: Delivery,
  { secret, sendPost }: DeliveryDependencies,
): Promise<string | undefined> {
  // Wall time: a receiver compares it with its own clock.
  const headers = signedHeaders({ id, body }, { secret: secretOf(webhook, secret), now: new Date() });
  try {
    const status = await sendPost({ url, headers, body });
    if (status >= 200 && status < 300) return undefined;
    return `HTTP ${status}`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** A certificate's names can make the message very long. */
const REASON_LENGTH_MAX = 200;

/** Never empty, because SQS refuses an attribute without a value: an AggregateError, for a host with several addresses, has a code alone. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { message, code, name } = error as NodeJS.ErrnoException;
  return (message || code || name).slice(0, REASON_LENGTH_MAX);
}
