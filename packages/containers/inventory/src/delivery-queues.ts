import { parseJson } from "@cloud-design/core/json";
import type { Log } from "@cloud-design/core/log";
import { BATCH_MAX, inBatches, openSqs } from "@cloud-design/core/sqs";
import { Delivery, waiting } from "@cloud-design/core/webhooks/delivery";
import * as z from "zod";

/** Long polling saves the empty answers that a short poll is billed for; 20 is the maximum. */
const POLL_SECONDS = 20;

const Received = z.object({
  Messages: z.array(z.object({ Body: z.string(), ReceiptHandle: z.string() })).default([]),
});

export interface DeliveryQueues {
  /** Hands deliveries to the function that posts them. Rejects unless SQS has all of them; it may have some all the same. */
  send(deliveries: readonly Delivery[]): Promise<void>;
  /** Keeps deliveries back for another part of their wait. */
  wait(deliveries: readonly Delivery[]): Promise<void>;
  /**
   * Resolves with deliveries whose delay is over, within 20 s. They come again in 30 s unless they are taken out. A
   * malformed one is logged and left out, until SQS makes it a dead letter.
   */
  receive(): Promise<{ delivery: Delivery; receipt: string }[]>;
  takeOut(receipts: readonly string[]): Promise<void>;
}

export function openDeliveryQueues({
  deliveriesUrl,
  retriesUrl,
  log,
}: {
  deliveriesUrl: string;
  retriesUrl: string;
  log: Log;
}): DeliveryQueues {
  const sqs = openSqs(deliveriesUrl);
  const poll = openSqs(retriesUrl, { answerSeconds: POLL_SECONDS + 5, attemptsMax: 1 });

  return {
    send: (deliveries) =>
      inBatches(
        sqs,
        "SendMessageBatch",
        deliveriesUrl,
        // By this id SQS tells callers apart: those with slow receivers must not hold up the others.
        deliveries.map((delivery) => ({
          MessageBody: JSON.stringify(delivery satisfies Delivery),
          MessageGroupId: delivery.group ?? delivery.webhook,
        })),
      ),
    wait: (deliveries) => inBatches(sqs, "SendMessageBatch", retriesUrl, deliveries.map(waiting)),
    async receive() {
      const request = {
        QueueUrl: retriesUrl,
        MaxNumberOfMessages: BATCH_MAX,
        WaitTimeSeconds: POLL_SECONDS,
      };
      const { Messages } = Received.parse(await poll("ReceiveMessage", request));
      return Messages.flatMap(({ Body, ReceiptHandle: receipt }) => {
        const { data: delivery, error: err } = Delivery.safeParse(parseJson(Body));
        if (delivery) return { delivery, receipt };
        log.error({ err }, "a malformed delivery stays in SQS");
        return [];
      });
    },
    takeOut: (receipts) =>
      inBatches(
        sqs,
        "DeleteMessageBatch",
        retriesUrl,
        receipts.map((ReceiptHandle) => ({ ReceiptHandle })),
      ),
  };
}
