import { createHash } from "node:crypto";
import { SPAN_NAMES } from "@cloud-design/core/billing/events";
import { byLane, LANES, type Lane } from "@cloud-design/core/billing/lanes";
import { DomainError } from "@cloud-design/core/errors";
import { withDeadline } from "@cloud-design/core/retry";
import { openSqs } from "@cloud-design/core/sqs";
import { inSpan, SpanKind, traceparentOf } from "@cloud-design/core/telemetry";
import * as z from "zod";
import { askDepth } from "./ask-depth.ts";
import type { LaneUrls } from "./lane-urls.ts";

export interface QueuedOrder {
  id: string;
  owner: string;
  lane: Lane;
  /** ISO 8601. */
  acceptedAt: string;
  /** The JSON object of the order as the caller wrote it, which becomes the body of the message to billing. */
  body: string;
}

export interface OrdersQueue {
  /**
   * Resolves once SQS has the order, in the queue of its lane. Throws `unavailable` when SQS confirms neither of two attempts within 2 s; it may
   * have the order all the same.
   */
  enqueue(order: QueuedOrder): Promise<void>;
  /** How many orders of the lane wait in SQS, including those that a function holds and those that wait for a retry. */
  countWaiting(lane: Lane): Promise<number>;
}

/** The part of SQS's answer to a message that is used here. */
const Sent = z.object({ MD5OfMessageBody: z.string() });

export function openOrdersQueue(urls: LaneUrls): OrdersQueue {
  const sqs = byLane((lane) => openSqs(urls[lane]));

  /** The attribute `lane` is for a replay: a message among the dead letters does not say from which queue it came. */
  async function send(order: QueuedOrder, traceparent?: string): Promise<void> {
    const { id, owner, lane, acceptedAt, body } = order;
    const attributes = { order_id: id, owner, lane, accepted_at: acceptedAt, traceparent };
    const message = {
      QueueUrl: urls[lane],
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
      ),
    };
    try {
      const { MD5OfMessageBody } = Sent.parse(await sqs[lane]("SendMessage", message));
      if (MD5OfMessageBody !== createHash("md5").update(body).digest("hex"))
        throw new Error("SQS has another text than the one that was sent.");
    } catch (cause) {
      throw new DomainError("unavailable", "Orders cannot be accepted right now.", { cause });
    }
  }

  return {
    enqueue: (order) =>
      inSpan(SPAN_NAMES.sendOrders, spanOf(order), (span) => send(order, traceparentOf(span))),
    async countWaiting(lane) {
      const asking = askDepth((input) => sqs[lane]("GetQueueAttributes", input), urls[lane]);
      const depth = await withDeadline(asking, 1.5, "SQS");
      return depth.visible + depth.inFlight + depth.delayed;
    },
  };
}

function spanOf({ id, lane }: QueuedOrder) {
  const attributes = {
    "messaging.system": "aws_sqs",
    "messaging.destination.name": LANES[lane].sqs,
    "order.id": id,
  };
  return { kind: SpanKind.PRODUCER, attributes };
}
