import { describe, expect, test } from "vitest";
import { OrderBody, OrderMessage, toWire } from "./order.ts";

const order = { user_id: 3, number_of_items: 5, total_amount: "180.00" };
const parse = (change: object) => OrderBody.safeParse({ ...order, ...change });

test("reads crud-master's strings and JSON numbers as the same order", () => {
  const strings = OrderBody.parse({ user_id: "3", number_of_items: "5", total_amount: "180" });
  const numbers = OrderBody.parse({ user_id: 3, number_of_items: 5, total_amount: 180 });
  expect(strings).toEqual(numbers);
  expect(toWire(strings)).toEqual({ user_id: 3, number_of_items: 5, total_amount: "180.00" });
});

test.each([
  [0.1, "0.10"],
  ["0.3", "0.30"],
  [9999999999.99, "9999999999.99"],
  ["1234567890.12", "1234567890.12"],
])("keeps the amount %s exact, as %s", (total_amount, expected) => {
  expect(parse({ total_amount }).data?.totalAmount).toBe(expected);
});

test.each([
  [7, 7],
  ["7", 7],
  [999_999_999_999_999, 999_999_999_999_999],
  ["999999999999999", 999_999_999_999_999],
])("reads the movie %s", (movie_id, movieId) => {
  expect(parse({ movie_id }).data).toMatchObject({ movieId });
  expect(toWire(OrderBody.parse({ ...order, movie_id }))).toEqual({ ...order, movie_id: movieId });
});

test("an order without a movie has no field for it", () => {
  expect(OrderBody.parse(order)).not.toHaveProperty("movieId");
  expect(toWire(OrderBody.parse(order))).toEqual(order);
});

describe("refuses", () => {
  test.each([
    ["three decimals", { total_amount: "1.005" }],
    ["three decimals in a number", { total_amount: 1.005 }],
    ["a negative amount", { total_amount: -1 }],
    ["an amount beyond numeric(12,2)", { total_amount: "10000000000" }],
    ["an amount in exponent form", { total_amount: "1e3" }],
    ["a huge number", { total_amount: 1e300 }],
    ["not a number at all", { total_amount: "NaN" }],
    ["a negative count", { number_of_items: -5 }],
    ["no items", { number_of_items: 0 }],
    ["a fraction of an item", { number_of_items: 1.5 }],
    ["a count beyond integer", { number_of_items: "2147483648" }],
    ["a count of 20 digits", { number_of_items: "99999999999999999999" }],
    ["hexadecimal", { user_id: "0x10" }],
    ["white space", { user_id: " 3" }],
    ["a boolean", { user_id: true }],
    ["null", { user_id: null }],
    ["an array", { user_id: [3] }],
    ["a missing field", { user_id: undefined }],
    ["a movie of 0", { movie_id: 0 }],
    ["a movie of 16 digits", { movie_id: 1e15 }],
    ["a movie with leading zeros", { movie_id: "07" }],
    ["a movie's title", { movie_id: "Playtime" }],
    ["an unknown field", { coupon: "half-price" }],
    ["a field named __proto__", JSON.parse('{"__proto__": {"user_id": 1}}')],
  ])("%s", (_, change) => {
    const body = JSON.parse(JSON.stringify({ ...order, ...change }));
    if (Object.hasOwn(change, "__proto__"))
      Object.defineProperty(body, "__proto__", { value: {}, enumerable: true });
    expect(OrderBody.safeParse(body).success).toBe(false);
  });
});

test("drops unknown fields in a message of a foreign client", () => {
  expect(OrderMessage.parse({ ...order, sent_by: "somebody" })).toEqual(OrderBody.parse(order));
});

test.each([0, -1, 1.5, 1e15, "07", "Playtime", null, {}])(
  "drops the movie %j in a message of a foreign client, and keeps the order",
  (movie_id) => {
    expect(OrderMessage.parse({ ...order, movie_id })).toEqual(OrderBody.parse(order));
  },
);
