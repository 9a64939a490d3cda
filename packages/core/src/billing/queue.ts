import { createHash, randomUUID } from "node:crypto";
import type { Channel, ConsumeMessage, Options } from "amqplib";
import * as z from "zod";
import { carriedOn, isShortText } from "../broker/carried.ts";
import { DomainError } from "../errors.ts";
import { storableText } from "../text.ts";
import { OrderMessage } from "./order.ts";
import { isOrderId } from "./order-id.ts";
import type { AcceptedOrder } from "./record.ts";

export const BILLING_QUEUE = "billing_queue";
/** Exchange and queue. */
export const BILLING_DEAD_LETTERS = "billing_dead_letters";

/**
 * Where no outage leads. A message that kills the process is rejected after ATTEMPTS_MAX, with a reason its owner can read; the broker's own
 * limit knows no reason and counts each death for up to 500 neighbours.
 */
const DELIVERIES_MAX = 10_000;

/**
 * Declares the queue and its dead letters: the same here for everybody who publishes or consumes, because the broker
 * refuses a second declaration that differs. The source of each argument: RabbitMQ guide "Quorum Queues".
 */
export async function declareTopology(channel: Channel): Promise<void> {
  await channel.assertExchange(BILLING_DEAD_LETTERS, "fanout", { durable: true });
  await channel.assertQueue(BILLING_DEAD_LETTERS, {
    durable: true,
    // RabbitMQ 4 sets a limit of 20 by itself, and drops what was looked at and given back more often.
    arguments: { "x-queue-type": "quorum", "x-delivery-limit": DELIVERIES_MAX },
  });
  await channel.bindQueue(BILLING_DEAD_LETTERS, BILLING_DEAD_LETTERS, "");
  await channel.assertQueue(BILLING_QUEUE, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-delivery-limit": DELIVERIES_MAX,
      "x-dead-letter-exchange": BILLING_DEAD_LETTERS,
      "x-dead-letter-strategy": "at-least-once",
      // Required by at-least-once. Past the length (about 100 MB) the backlog stays in SQS, which has no disk to fill.
      "x-overflow": "reject-publish",
      "x-max-length": 100_000,
    },
  });
}

/**
 * The one form in which an order is published: the body is the order alone, everything else travels beside it. SQS allows attributes of up
 * to 1 MB; those that do not fit into a message of RabbitMQ are left out.
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

/** What travels beside an order; a header of another form counts as absent. */
export const OrderHeaders = z.object({
  owner: storableText.meta({ description: "`sub` of the caller." }).optional().catch(undefined),
  traceparent: storableText.meta({ description: "W3C Trace Context." }).optional().catch(undefined),
  accepted_at: time.meta({ description: "When the gateway accepted it." }),
  published_at: time.meta({ description: "When it was published here." }),
});

/**
 * Reads an order from a message of ours or of a foreign client, whose message may have no properties at all.
 * Throws `DomainError("invalid")` for what can never be recorded.
 */
export function parseMessage({
  content,
  properties,
}: Pick<ConsumeMessage, "content" | "properties">): AcceptedOrder {
  const parsed = OrderMessage.safeParse(parseJson(content));
  if (!parsed.success) {
    const reasons = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "the body"} ${issue.message}`,
    );
    throw new DomainError("invalid", `The message is not an order: ${reasons.join("; ")}.`);
  }
  const { owner, traceparent, accepted_at: acceptedAt } = headersOf({ properties });
  return {
    ...parsed.data,
    owner,
    traceparent,
    acceptedAt,
    id: orderIdOf(messageIdOf({ content, properties })),
  };
}

export function headersOf({ properties }: Pick<ConsumeMessage, "properties">): z.output<typeof OrderHeaders> {
  return OrderHeaders.parse(properties.headers ?? {});
}

/** Whose order a message carries, when it is one of ours and can be looked up by its id. */
export function issuedOrderOf({ properties }: Pick<ConsumeMessage, "properties">) {
  const { messageId } = properties;
  if (typeof messageId !== "string" || !isOrderId(messageId)) return undefined;
  return { orderId: messageId, owner: headersOf({ properties }).owner };
}

/** An id as a message of RabbitMQ may carry it: a long one, or one that is no text, as its digest. */
export function sendableId(id: string): string {
  return isShortText(id) ? id : orderIdOf(id);
}

/**
 * The id that a message came with. Where its bytes were no UTF-8, amqplib reads the same character for different ones, so the content
 * tells such ids apart.
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

/** What tells one message from another across deliveries: its id, or its content where a foreign client gave none. */
export function messageKey({ content, properties }: Pick<ConsumeMessage, "content" | "properties">): string {
  return createHash("sha256")
    .update(properties.messageId || content)
    .digest("base64url");
}

/**
 * Ours, or for a foreign message one derived from its message id: then it too is recorded once. A message without any id
 * can be told from its own repetition by nothing, and gets a random one.
 */
export function orderIdOf(messageId: unknown): string {
  if (typeof messageId !== "string" || messageId === "") return `ext_${randomUUID()}`;
  if (isOrderId(messageId)) return messageId;
  return `ext_${createHash("sha256").update(messageId).digest("base64url").slice(0, 40)}`;
}

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    throw new DomainError("invalid", "The message is not JSON in UTF-8.");
  }
}
