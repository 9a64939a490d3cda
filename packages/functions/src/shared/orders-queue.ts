import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SPAN_NAMES } from "@cloud-design/core/billing/events";
import { DomainError } from "@cloud-design/core/errors";
import { inSpan, SpanKind, traceparentOf } from "@cloud-design/core/telemetry";
import { queueDepth } from "./queue-depth.ts";
import { SDK_OPTIONS } from "./sdk-options.ts";

export interface QueuedOrder {
  id: string;
  owner: string;
  /** ISO 8601. */
  acceptedAt: string;
  /** The JSON object of the order as the caller wrote it, which becomes the body on `billing_queue`. */
  body: string;
}

export interface OrdersQueue {
  /**
   * Resolves once SQS has the order. Throws `unavailable` when SQS does not confirm within 5 s; it may have the order
   * all the same.
   */
  enqueue(order: QueuedOrder): Promise<void>;
  /** How many orders wait for billing, including those that a function holds and those that wait for a retry. */
  countWaiting(): Promise<number>;
}

export function openOrdersQueue(queueUrl: string): OrdersQueue {
  const client = new SQSClient(SDK_OPTIONS);

  async function send({ id, owner, acceptedAt, body }: QueuedOrder, traceparent?: string): Promise<void> {
    const attributes = { order_id: id, owner, accepted_at: acceptedAt, traceparent };
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
      ),
    });
    try {
      await client.send(command, { abortSignal: AbortSignal.timeout(5_000) });
    } catch (cause) {
      throw new DomainError("unavailable", "Orders cannot be accepted right now.", { cause });
    }
  }

  return {
    enqueue: (order) =>
      inSpan(SPAN_NAMES.sendOrders, spanOf(order), (span) => send(order, traceparentOf(span))),
    async countWaiting() {
      const depth = await queueDepth(client, queueUrl, AbortSignal.timeout(1_500));
      return depth.visible + depth.inFlight + depth.delayed;
    },
  };
}

function spanOf({ id }: QueuedOrder) {
  const attributes = {
    "messaging.system": "aws_sqs",
    "messaging.destination.name": "orders",
    "order.id": id,
  };
  return { kind: SpanKind.PRODUCER, attributes };
}
