import * as z from "zod";

/** Largest order that is accepted, in bytes of its JSON. */
export const ORDER_BYTES_MAX = 64 * 1024;

const INTEGER_MAX = 2_147_483_647;

/** A positive PostgreSQL integer, as a JSON number or as a string of digits. */
const positiveInteger = z
  .union(
    [
      z.number(),
      z
        .string()
        .regex(/^-?\d{1,20}$/)
        .transform(Number),
    ],
    {
      error: "must be a whole number, or a string of its digits",
    },
  )
  .pipe(
    z
      .number()
      .refine(Number.isInteger, "must be a whole number")
      .min(1, "must be at least 1")
      .max(INTEGER_MAX, `must be at most ${INTEGER_MAX}`),
  );

const AMOUNT = /^(0|[1-9]\d{0,9})(\.\d{1,2})?$/;

/**
 * An amount of money as a decimal string with two decimals, so that no float ever stands between client and `numeric(12,2)`.
 * A JSON number is read by its shortest decimal form.
 */
const amount = z
  .union([z.number().transform(String), z.string()], { error: "must be a number, or a string of its digits" })
  .refine((value) => AMOUNT.test(value), {
    message: "must be an amount from 0 to 9999999999.99 with at most two decimals",
  })
  .transform((value) => {
    const [units, cents = ""] = value.split(".");
    return `${units}.${cents.padEnd(2, "0")}`;
  });

const fields = { user_id: positiveInteger, number_of_items: positiveInteger, total_amount: amount };

const toOrder = (wire: { user_id: number; number_of_items: number; total_amount: string }): Order => ({
  userId: wire.user_id,
  numberOfItems: wire.number_of_items,
  totalAmount: wire.total_amount,
});

/** The body of `POST /api/billing`: a field it does not know is refused, since it may be a misspelt one. */
export const OrderBody = z.strictObject(fields).transform(toOrder);

/** The body of a message on `billing_queue`: foreign clients may send more, which is dropped. */
export const OrderMessage = z.object(fields).transform(toOrder);

export interface Order {
  /** 1 to 2,147,483,647. */
  userId: number;
  numberOfItems: number;
  /** Decimal with two decimals, like `180.00`. */
  totalAmount: string;
}

export function toWire(order: Order) {
  return {
    user_id: order.userId,
    number_of_items: order.numberOfItems,
    total_amount: order.totalAmount,
  };
}
