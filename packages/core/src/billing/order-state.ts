import * as z from "zod";
import { ORDER_ID } from "./order-id.ts";

export const OrderId = z.string().regex(ORDER_ID).meta({
  description: "It proves by itself that it was issued, and to whom.",
});

/** The fields of an order in their canonical form, whatever form the caller sent. */
const fields = {
  user_id: z.int32().min(1),
  number_of_items: z.int32().min(1),
  total_amount: z
    .string()
    .regex(/^(0|[1-9]\d{0,9})\.\d\d$/)
    .meta({ description: "Always two decimals." }),
  movie_id: z.int().min(1).optional(),
};

/** The order is safe: it will be recorded, or rejected with a reason. */
export const OrderAccepted = z.object({ id: OrderId, status: z.literal("accepted"), ...fields });
export type OrderAccepted = z.output<typeof OrderAccepted>;

/** Accepted, and not yet seen by billing. */
export const OrderWaiting = z.object({ id: OrderId, status: z.literal("accepted") });
export type OrderWaiting = z.output<typeof OrderWaiting>;

export const OrderRecorded = z.object({
  id: OrderId,
  status: z.literal("recorded"),
  ...fields,
  accepted_at: z.iso
    .datetime()
    .nullable()
    .meta({ description: "Null when it did not come through the API." }),
  recorded_at: z.iso.datetime(),
});

export const OrderRejected = z.object({
  id: OrderId,
  status: z.literal("rejected"),
  reason: z.string().meta({ description: "One sentence for the person who placed the order." }),
  rejected_at: z.iso.datetime(),
});

/** The outcome of an order after billing has seen it. */
export const OrderOutcome = z.discriminatedUnion("status", [OrderRecorded, OrderRejected]);
export type OrderOutcome = z.output<typeof OrderOutcome>;
