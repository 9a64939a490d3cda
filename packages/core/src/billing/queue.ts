import { createHash } from "node:crypto";
import type { Channel, ConsumeMessage, Options } from "amqplib";
import * as z from "zod";
import { carriedOn, isShortText } from "../broker/carried.ts";
import { DomainError } from "../errors.ts";
import { storableText } from "../text.ts";
import { LANE_NAMES, LANES } from "./lanes.ts";
import { OrderMessage } from "./order.ts";
import { isOrderId, newNonce } from "./order-id.ts";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE, ORDERS_DEAD_LETTERS } from "./queue-names.ts";
import type { AcceptedOrder } from "./record.ts";

export { BILLING_DEAD_LETTERS, BILLING_QUEUE, ORDERS_DEAD_LETTERS };

/**
 * The broker's delivery limit, so high that no outage reaches it. A message that crashes the process is rejected after
 * ATTEMPTS_MAX, with a reason that its owner can read; the broker's own limit gives no reason, and a crash counts as a
 * delivery for up to 500 other messages as well.
 */
const DELIVERIES_MAX = 10_000;

/** In messages for each lane, about 100 MB. The backlog beyond it stays in SQS, which has no disk to fill. */
export const BILLING_LENGTH_MAX = 100_000;

/**
 * Declares the queue of each lane and their dead letters. Every publisher and consumer uses this function, because the
 * broker refuses a second declaration that differs. The source of each argument: RabbitMQ guide "Quorum Queues".
 */
export async function declareTopology(channel: Channel): Promise<void> {
  await channel.assertExchange(BILLING_DEAD_LETTERS, "fanout", { durable: true });
  await channel.assertQueue(BILLING_DEAD_LETTERS, {
    durable: true,
    // RabbitMQ 4 sets a delivery limit of 20 by default, and drops a message that was requeued more often.
    arguments: { "x-queue-type": "quorum", "x-delivery-limit": DELIVERIES_MAX },
  });
  await channel.bindQueue(BILLING_DEAD_LETTERS, BILLING_DEAD_LETTERS, "");
  for (const lane of LANE_NAMES) {
    await channel.assertQueue(LANES[lane].queue, {
      durable: true,
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERIES_MAX,
        // Without a routing key of its own a dead letter keeps the one of its message, by which a replay finds its lane.
        "x-dead-letter-exchange": BILLING_DEAD_LETTERS,
        "x-dead-letter-strategy": "at-least-once",
        // At-least-once dead-lettering requires this.
        "x-overflow": "reject-publish",
        "x-max-length": BILLING_LENGTH_MAX,
      },
    });
  }
}

/**
 * The properties of a published order. The body is the order alone; everything else travels in properties and headers.
 * SQS allows attributes of up to 1 MB; those that do not fit into a RabbitMQ message are left out.
 */
export function orderProperties(order: {
  id: string;
  owner?: string | undefined;
  traceparent?: string | undefined;
  acceptedAt?: string | undefined;
  publishedAt?: string | undefined;
}): Options.Publish {
  const { id, owner, traceparent, acceptedAt, publishedAt } = order;
  const headers = { owner, traceparent, accepted_at: acceptedAt, published_at: publishedAt };
  const properties = {
    messageId: sendableId(id),
    contentType: "application/json",
    appId: "cloud-design",
    headers,
  };
  return { ...carriedOn(properties), persistent: true };
}

const time = z.iso
  .datetime()
  .refine((text) => Date.parse(text) > 0)
  .optional()
  .catch(undefined);

/** The headers of an order's message; a malformed header counts as absent. */
export const OrderHeaders = z.object({
  owner: storableText.meta({ description: "`sub` of the caller." }).optional().catch(undefined),
  traceparent: storableText.meta({ description: "W3C Trace Context." }).optional().catch(undefined),
  accepted_at: time.meta({ description: "When the gateway accepted it." }),
  published_at: time.meta({ description: "When it was published here." }),
});

/** A message with its order's headers, which are read once. */
export interface Delivered extends ConsumeMessage {
  headers: z.output<typeof OrderHeaders>;
}

export function delivered(message: ConsumeMessage): Delivered {
  return { ...message, headers: OrderHeaders.parse(message.properties.headers ?? {}) };
}

/**
 * Reads an order from a message of this project or of a foreign client, whose message may have no properties at all.
 * Throws `DomainError("invalid")` for a message that can never be recorded.
 */
export function parseMessage({
  content,
  properties,
  headers,
}: Pick<Delivered, "content" | "properties" | "headers">): AcceptedOrder {
  const parsed = OrderMessage.safeParse(parseJson(content));
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "the body"} ${issue.message}`,
    );
    throw new DomainError("invalid", `The message is not an order: ${reasons.join("; ")}.`);
  }
  const { owner, traceparent, accepted_at: acceptedAt } = headers;
  return {
    ...parsed.data,
    owner,
    traceparent,
    acceptedAt,
    id: orderIdOf(messageIdOf({ content, properties })),
  };
}

/** The order id and the owner, for a message that this platform issued and that can be looked up by its id. */
export function issuedOrderOf({ properties, headers }: Pick<Delivered, "properties" | "headers">) {
  const { messageId } = properties;
  if (typeof messageId !== "string" || !isOrderId(messageId)) return undefined;
  return { orderId: messageId, owner: headers.owner };
}

/** An id in a form that RabbitMQ can carry: an id that is too long or not valid text is replaced by its digest. */
export function sendableId(id: string): string {
  return isShortText(id) ? id : orderIdOf(id);
}

/**
 * The id that a message arrived with. For bytes that are not UTF-8 amqplib reads the same character whatever they were,
 * so the content is included to tell such ids apart.
 */
export function messageIdOf({
  content,
  properties,
}: Pick<ConsumeMessage, "content" | "properties">): string | undefined {
  const { messageId } = properties;
  if (typeof messageId !== "string" || messageId === "") return undefined;
  if (isShortText(messageId)) return messageId;
  return createHash("sha256").update(messageId).update(content).digest("base64url").slice(0, 40);
}

/** The identity of a message across deliveries: its id, or its content when a foreign client gave no id. */
export function messageKey({ content, properties }: Pick<ConsumeMessage, "content" | "properties">): string {
  return createHash("sha256")
    .update(properties.messageId || content)
    .digest("base64url");
}

/**
 * This platform's order id, or for a foreign message an id derived from its message id, so that it too is recorded
 * once. A message without any id cannot be told from its own repetition, and gets a nonce, all of which is within the
 * 20 characters that the table keeps unique.
 */
export function orderIdOf(messageId: unknown): string {
  if (typeof messageId !== "string" || messageId === "") return `ext_${newNonce()}`;
  if (isOrderId(messageId)) return messageId;
  return `ext_${createHash("sha256").update(messageId).digest("base64url").slice(0, 40)}`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(content));
  } catch {
    throw new DomainError("invalid", "The message is not JSON in UTF-8.");
  }
}
