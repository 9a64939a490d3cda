import type { Channel, ConsumeMessage, Options } from "amqplib";
import * as z from "zod";
import { carriedOn } from "../broker/carried.ts";
import { DomainError } from "../errors.ts";
import { storableText } from "../text.ts";
import { OrderEvent } from "./order-event.ts";

/** The topic exchange to which billing publishes. Other systems bind queues of their own to it. */
export const ORDER_EVENTS = "order_events";
/**
 * The exchange to which the store's own subscribers bind. One binding connects it to ORDER_EVENTS: when that one is
 * deleted, its next declaration restores all subscribers at once, also those that are away.
 */
export const ORDER_EVENTS_SUBSCRIBERS = "order_events_subscribers";
/** The name of both the exchange and the queue. */
export const EVENT_DEAD_LETTERS = "event_dead_letters";
/** The log message of a subscriber that can never hear an event, which then becomes a dead letter. An alarm counts it. */
export const EVENT_REFUSED = "event refused";

/**
 * A subscriber waits in place for its dependencies, so only a lost connection or a crash counts as a delivery. In the
 * quorum queue of a subscriber that dies each 10 s, events stay for three hours before they are laid aside: each death
 * counts for all of the up to 250 that it holds.
 */
const DELIVERIES_MAX = 1_000;
/** Nothing consumes the dead letters; an operator's look counts as a delivery. */
const LOOKS_MAX = 10_000;
/** In messages. Beyond it the broker refuses, and events wait in billing's outbox. */
const LENGTH_MAX = 100_000;

/** Declares what a publisher needs. A message without a subscriber is returned to it. */
export async function declareEvents(channel: Channel): Promise<void> {
  await channel.assertExchange(ORDER_EVENTS_SUBSCRIBERS, "fanout", { durable: true, internal: true });
  await channel.assertExchange(ORDER_EVENTS, "topic", { durable: true });
  await channel.bindExchange(ORDER_EVENTS_SUBSCRIBERS, ORDER_EVENTS, "#");
}

/**
 * Declares a subscriber's queue, which gets every event of every type from then on, and the dead letters of all
 * subscribers. The source of each argument: RabbitMQ guide "Quorum Queues".
 */
export async function declareSubscriber(channel: Channel, queue: string): Promise<void> {
  await declareEvents(channel);
  await channel.assertExchange(EVENT_DEAD_LETTERS, "fanout", { durable: true });
  await channel.assertQueue(EVENT_DEAD_LETTERS, {
    durable: true,
    arguments: { "x-queue-type": "quorum", "x-delivery-limit": LOOKS_MAX },
  });
  await channel.bindQueue(EVENT_DEAD_LETTERS, EVENT_DEAD_LETTERS, "");
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-delivery-limit": DELIVERIES_MAX,
      "x-dead-letter-exchange": EVENT_DEAD_LETTERS,
      "x-dead-letter-strategy": "at-least-once",
      // At-least-once dead-lettering requires this.
      "x-overflow": "reject-publish",
      "x-max-length": LENGTH_MAX,
    },
  });
  await channel.bindQueue(queue, ORDER_EVENTS_SUBSCRIBERS, "");
}

/** The properties of a published event. */
export function eventProperties({ id, type }: OrderEvent, traceparent?: string): Options.Publish {
  const properties = { messageId: id, type, contentType: "application/json", appId: "cloud-design" };
  // A trace context of another system may be larger than what can be sent on.
  return { ...carriedOn({ ...properties, headers: { traceparent } }), persistent: true };
}

/** The headers of an event's message; a malformed header counts as absent. */
export const EventHeaders = z.object({
  traceparent: storableText
    .meta({ description: "W3C Trace Context of the order." })
    .optional()
    .catch(undefined),
});

/** Reads an event. Throws `DomainError("invalid")` for any other message. */
export function parseEvent({ content }: Pick<ConsumeMessage, "content">): OrderEvent {
  const parsed = OrderEvent.safeParse(parseJson(content));
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the body"} ${message}`,
  );
  throw new DomainError("invalid", `The message is not an event: ${reasons.join("; ")}.`);
}

function parseJson(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    throw new DomainError("invalid", "The message is not JSON.");
  }
}
