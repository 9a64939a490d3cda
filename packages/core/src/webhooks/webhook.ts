import { randomBytes } from "node:crypto";
import * as z from "zod";
import { OrderEvent, type OrderEventType } from "../events/order-event.ts";
import { NO_OBJECT, storableText } from "../text.ts";

/** The queue of order events for webhooks, in RabbitMQ. */
export const WEBHOOKS_QUEUE = "webhooks";

/** Most webhooks of a caller: each event of theirs is sent to all of them. */
export const WEBHOOKS_MAX = 10;

/** Largest body of a request that is accepted, in bytes of its JSON. */
export const WEBHOOK_BYTES_MAX = 16 * 1024;

const URL_MAX = 2_000;

const EVENT_TYPES = ["order.recorded", "order.rejected"] as const satisfies readonly OrderEventType[];

const events = z
  .array(z.enum(EVENT_TYPES, `must be one of ${EVENT_TYPES.join(", ")}`))
  .min(1, "must name an event")
  .max(EVENT_TYPES.length, "must name each event once")
  .refine((types) => new Set(types).size === types.length, "must name each event once")
  .meta({ description: "The types of events to be told of.", uniqueItems: true });

export const WebhookBody = z.strictObject(
  {
    url: storableText
      .max(URL_MAX, `must have at most ${URL_MAX} characters`)
      .refine(
        (url) => /^https?:\/\/[!-~]+$/.test(url) && URL.canParse(url),
        "must be the address of a receiver",
      )
      .meta({
        pattern: "^https://[!-~]+$",
        description:
          "`https`, without user name, password and fragment, to a public address: a name or an IPv4 address.",
      }),
    events,
  },
  NO_OBJECT,
);
export type WebhookBody = z.output<typeof WebhookBody>;

export const WebhookId = z.string().regex(/^whk_[\w-]{20}$/);

export const Webhook = z.object({
  id: WebhookId,
  url: z.string(),
  events,
  created_at: z.iso.datetime(),
});
export type Webhook = z.output<typeof Webhook>;

export const Webhooks = z.array(Webhook).max(WEBHOOKS_MAX);

/** The only answer that has the secret. */
export const WebhookCreated = Webhook.extend({
  secret: z
    .string()
    .regex(/^whsec_[A-Za-z\d+/]+=*$/)
    .meta({ description: "It verifies the signatures of deliveries. No later answer has it." }),
});
export type WebhookCreated = z.output<typeof WebhookCreated>;

export function newWebhookId(): string {
  return `whk_${randomBytes(15).toString("base64url")}`;
}

const [recorded, rejected] = OrderEvent.options;
const timestamp = recorded.shape.occurred_at.meta({
  description: "When billing recorded or rejected the order.",
});

/** The body of a delivery: an event without its owner, who is the one who gets it. Fields may be added. */
export const OrderRecordedDelivery = z.object({
  type: recorded.shape.type,
  timestamp,
  data: recorded.shape.order.omit({ owner: true }),
});
export const OrderRejectedDelivery = z.object({
  type: rejected.shape.type,
  timestamp,
  data: rejected.shape.order.omit({ owner: true }),
});
