import * as z from "zod";
import { NO_OBJECT } from "../text.ts";

/** Largest order that is accepted, in bytes of its JSON. */
export const ORDER_BYTES_MAX = 64 * 1024;

const INTEGER_MAX = 2_147_483_647;

/** From 1 to INTEGER_MAX with any leading zeros: JSON Schema cannot compare a string with a number. */
const DIGITS =
  "^0*(?:[1-9]\\d{0,8}|1\\d{9}|20\\d{8}|21[0-3]\\d{7}|214[0-6]\\d{6}|2147[0-3]\\d{5}|21474[0-7]\\d{4}|214748[0-2]\\d{3}|2147483[0-5]\\d{2}|21474836[0-3]\\d|214748364[0-7])$";

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
  )
  .meta({
    anyOf: [
      { type: "integer", minimum: 1, maximum: INTEGER_MAX },
      { type: "string", pattern: DIGITS, maxLength: 20 },
    ],
  });

const AMOUNT = /^(0|[1-9]\d{0,9})(\.\d{1,2})?$/;

/**
 * An amount of money as a decimal string with two decimals, so that no float stands between the client and
 * `numeric(12,2)`. A JSON number is read by its shortest decimal form.
 */
const amount = z
  .union([z.number().transform(String), z.string()], { error: "must be a number, or a string of its digits" })
  .refine((value) => AMOUNT.test(value), {
    message: "must be an amount from 0 to 9999999999.99 with at most two decimals",
  })
  .transform((value) => {
    const [units, cents = ""] = value.split(".");
    return `${units}.${cents.padEnd(2, "0")}`;
  })
  .meta({
    description:
      "At most two decimals, as a string or as a number; a string is safer, because no float comes near it.",
    anyOf: [
      // Without `multipleOf: 0.01`: floating point makes most validators refuse 0.07 by it.
      { type: "number", minimum: 0, maximum: 9_999_999_999.99 },
      { type: "string", pattern: AMOUNT.source },
    ],
  });

/** 15 digits: every such number is exact in JSON, and no movie has an id of more. */
export const MOVIE_ID_MAX = 999_999_999_999_999;

/** The id of a movie, as a JSON number or as a string of digits. Inventory alone knows whether the movie exists. */
const movieId = z
  .union(
    [
      z.int().min(1).max(MOVIE_ID_MAX),
      z
        .string()
        .regex(/^[1-9]\d{0,14}$/)
        .transform(Number),
    ],
    { error: `must be the id of a movie, at most ${MOVIE_ID_MAX}` },
  )
  .meta({ description: "The movie that was ordered; it counts for `sort=popular`." });

const fields = { user_id: positiveInteger, number_of_items: positiveInteger, total_amount: amount };

const toOrder = (wire: {
  user_id: number;
  number_of_items: number;
  total_amount: string;
  movie_id?: number | undefined;
}): Order => ({
  userId: wire.user_id,
  numberOfItems: wire.number_of_items,
  totalAmount: wire.total_amount,
  ...(wire.movie_id !== undefined && { movieId: wire.movie_id }),
});

/** The body of `POST /api/billing`. An unknown field is refused, since it may be a misspelt one. */
export const OrderBody = z
  .strictObject({ ...fields, movie_id: movieId.optional() }, NO_OBJECT)
  .transform(toOrder);

/**
 * The body of a message on `billing_queue`. Foreign clients may send more fields, which are dropped; so is a `movie_id`
 * that cannot be one, because earlier versions dropped it.
 */
export const OrderMessage = z
  .object({ ...fields, movie_id: movieId.optional().catch(undefined) }, NO_OBJECT)
  .transform(toOrder);

export interface Order {
  /** 1 to 2,147,483,647. */
  userId: number;
  numberOfItems: number;
  /** Decimal with two decimals, like `180.00`. */
  totalAmount: string;
  /** 1 to MOVIE_ID_MAX. */
  movieId?: number | undefined;
}

export function toWire(order: Order) {
  return {
    user_id: order.userId,
    number_of_items: order.numberOfItems,
    total_amount: order.totalAmount,
    ...(order.movieId !== undefined && { movie_id: order.movieId }),
  };
}
