import { createHash } from "node:crypto";
import * as z from "zod";
import type { OrderEvent } from "../events/order-event.ts";
import type { OrderRecordedDelivery, OrderRejectedDelivery, Webhook } from "./webhook.ts";

/** A message on the queues of deliveries: an event for one webhook. */
export const Delivery = z.object({
  webhook: z.string(),
  url: z.url(),
  /** The group by which SQS serves callers alike: the same for all webhooks of a caller. Absent in messages of earlier versions. */
  group: z.string().optional(),
  /** The event's id: the same for all attempts, and for all webhooks. */
  id: z.string(),
  /** The bytes that are sent and signed. */
  body: z.string(),
  /** Counts from 1. */
  attempt: z.int().min(1),
  /** Seconds that this attempt still has to wait, beyond the delay that the queue itself keeps. */
  waitSeconds: z.int().min(0),
});
export type Delivery = z.output<typeof Delivery>;

/** The first attempts of an event, one for each webhook that asks for its type. */
export function deliveriesOf(event: OrderEvent, webhooks: readonly Webhook[]): Delivery[] {
  const [body, group] = [bodyOf(event), groupOf(event.order.owner ?? "")];
  return webhooks
    .filter(({ events }) => events.includes(event.type))
    .map(({ id: webhook, url }) => ({ webhook, url, group, id: event.id, body, attempt: 1, waitSeconds: 0 }));
}

/** A digest, because SQS takes only some characters and an owner may be any text. */
function groupOf(owner: string): string {
  return createHash("sha256").update(owner).digest("hex");
}

function bodyOf({ type, occurred_at: timestamp, order: { owner: _, ...data } }: OrderEvent): string {
  return JSON.stringify({ type, timestamp, data } as
    | z.input<typeof OrderRecordedDelivery>
    | z.input<typeof OrderRejectedDelivery>);
}

/**
 * Seconds from each failed attempt to the next: eight attempts within 27 h 35 min, so that a receiver may be away for a
 * night and a working day. The waits are those of Svix (its documentation, "Retry Schedule").
 */
const WAIT_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];
export const ATTEMPTS_MAX = WAIT_SECONDS.length + 1;

/** The next attempt of a delivery that failed; undefined after the last. */
export function nextAttempt(delivery: Delivery): Delivery | undefined {
  const waitSeconds = WAIT_SECONDS[delivery.attempt - 1];
  return waitSeconds === undefined ? undefined : { ...delivery, attempt: delivery.attempt + 1, waitSeconds };
}

/** The longest delay of a message (Amazon SQS developer guide, "Amazon SQS delay queues"). */
const DELAY_SECONDS_MAX = 900;

/** A delivery as a message that the queue keeps back for the first part of its wait. A longer wait is several such messages. */
export function waiting(delivery: Delivery): { MessageBody: string; DelaySeconds: number } {
  const DelaySeconds = Math.min(delivery.waitSeconds, DELAY_SECONDS_MAX);
  const rest = { ...delivery, waitSeconds: delivery.waitSeconds - DelaySeconds };
  return { MessageBody: JSON.stringify(rest satisfies Delivery), DelaySeconds };
}
