import { expect, test } from "vitest";
import type { Order } from "./order.ts";
import { isIssuedTo, mintOrderId } from "./order-id.ts";

const secret = "a secret of thirty-two characters";
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const ann = { secret, owner: "ann" };

test("an order id proves that it was issued to its owner and to no other caller", () => {
  const id = mintOrderId(order, ann);
  expect(id).toMatch(/^ord_[\w-]{40}$/);
  expect(isIssuedTo(id, ann)).toBe(true);
  expect(isIssuedTo(id, { secret, owner: "bob" })).toBe(false);
  expect(isIssuedTo(id, { secret: secret.toUpperCase(), owner: "ann" })).toBe(false);
});

test("an id with one changed character is refused as not issued", () => {
  const id = mintOrderId(order, ann);
  for (let index = 0; index < id.length; index++) {
    const altered = id.slice(0, index) + (id[index] === "A" ? "B" : "A") + id.slice(index + 1);
    expect(isIssuedTo(altered, ann), altered).toBe(false);
  }
});

test.each([
  "",
  "ord_",
  "42",
  `ord_${"A".repeat(39)}`,
  `ord_${"A".repeat(41)}`,
  `ord_${"=".repeat(40)}`,
  "ord_é",
])("%j is not an order id", (id) => expect(isIssuedTo(id, ann)).toBe(false));

test("without an idempotency key two equal orders get different ids", () => {
  expect(mintOrderId(order, ann)).not.toBe(mintOrderId(order, ann));
});

test("the same key, caller and order give the same id", () => {
  const idempotencyKey = "checkout-1";
  expect(mintOrderId(order, { ...ann, idempotencyKey })).toBe(mintOrderId(order, { ...ann, idempotencyKey }));
});

test("another caller with the same key gets another id", () => {
  const idempotencyKey = "checkout-1";
  const [hers, his] = [
    mintOrderId(order, { ...ann, idempotencyKey }),
    mintOrderId(order, { secret, owner: "bob", idempotencyKey }),
  ];
  expect(hers.slice(0, 20)).not.toBe(his.slice(0, 20));
});

test("another order under the same key has another id with the same part that the database keeps unique", () => {
  const idempotencyKey = "checkout-1";
  const first = mintOrderId(order, { ...ann, idempotencyKey });
  const second = mintOrderId({ ...order, numberOfItems: 6 }, { ...ann, idempotencyKey });
  expect(second).not.toBe(first);
  expect(second.slice(0, 20)).toBe(first.slice(0, 20));
});

test("another value in a field unknown to this test gives another id", () => {
  const idempotencyKey = "checkout-1";
  const later: Order & { currency: string } = { ...order, currency: "EUR" };
  const mint = (fields: Order) => mintOrderId(fields, { ...ann, idempotencyKey });
  expect(mint({ currency: "EUR", ...order } as Order)).toBe(mint(later));
  const others = [{ ...later, currency: "USD" }, order, { ...order, coin: "EUR" }].map(mint);
  expect(new Set([mint(later), ...others]).size).toBe(4);
  for (const id of others) expect(id.slice(0, 20)).toBe(mint(later).slice(0, 20));
});

test("the same key and order give the id of earlier versions, which may run at the same time", () => {
  expect(mintOrderId(order, { ...ann, idempotencyKey: "checkout-1" })).toBe(
    "ord_TG5s7YnRilzwyEp1udiZy1k4q4DlAo8oUygo4CE7",
  );
});

test.each([
  ["this version", "ann", "ord_bKAhvl1x3vKKW_ipudiZy1k4dZPOgUw-D5I7vDUC"],
  ["this version", "bob", "ord_eviG8GygEljGlr1El7SKob9bciPc3pN8UV2A5LWi"],
  ["the next version", "ann", "ord_TG5s7YnRilzwyEp1WMUruYxdgPMeanlIPqK8dy0J"],
])("an id of %s is valid for its owner %s alone: %s", (_, owner, id) => {
  expect(isIssuedTo(id, { secret, owner })).toBe(true);
  expect(isIssuedTo(id, { secret, owner: "eve" })).toBe(false);
  for (const at of [4, 19, 20, 28, 34, 43]) {
    const altered = id.slice(0, at) + (id[at] === "A" ? "B" : "A") + id.slice(at + 1);
    expect(isIssuedTo(altered, { secret, owner }), altered).toBe(false);
  }
});
