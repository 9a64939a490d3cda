import * as z from "zod";
import { storableText } from "../text.ts";

/** The fields that the order of every event has. */
const order = {
  id: storableText.min(1).meta({ description: "The order's id." }),
  owner: storableText.optional().meta({
    description:
      "`sub` of the caller; absent for an order that another system has published without one, and once it is erased.",
  }),
};

const event = {
  id: storableText.min(1).max(255).meta({
    description: "The same each time that the event is delivered: a subscriber counts it once by it.",
  }),
  occurred_at: z.iso.datetime(),
};

const OrderRecordedEvent = z.object({
  ...event,
  type: z.literal("order.recorded"),
  order: z.object({
    ...order,
    user_id: z.int32().min(1).optional().meta({ description: "Absent once the person is erased." }),
    number_of_items: z.int32().min(1),
    total_amount: z.string().meta({ description: "Always two decimals." }),
    movie_id: z.int().min(1).optional(),
  }),
});

const OrderRejectedEvent = z.object({
  ...event,
  type: z.literal("order.rejected"),
  order: z.object({
    ...order,
    reason: z.string().meta({ description: "One sentence for the person who placed the order." }),
  }),
});

/** The body of a message on the exchange ORDER_EVENTS; its routing key is the type. Fields may be added. */
export const OrderEvent = z.discriminatedUnion("type", [OrderRecordedEvent, OrderRejectedEvent]);
export type OrderEvent = z.output<typeof OrderEvent>;
export type OrderEventType = OrderEvent["type"];

/** An order has at most one event of each type, so its id needs no store. */
export function eventId(orderId: string, type: OrderEventType): string {
  return `evt_${orderId}_${type}`;
}
