import { createHmac } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Order } from "./order.ts";
import { isIssuedTo, mintOrderId, newNonce } from "./order-id.ts";

const secret = "a secret of thirty-two characters";
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const ann = { secret, owner: "ann" };
const NOON = Date.UTC(2026, 10, 30, 12);
/** Until the seconds begin again. */
const time = fc.integer({ min: 0, max: Date.UTC(2038, 11, 24) });

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

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

test("two orders that had one digest of 48 bits without a key have two ids", () => {
  const mint = (numberOfItems: number) =>
    mintOrderId({ ...order, numberOfItems }, { ...ann, idempotencyKey: "checkout-1" });
  expect(mint(9_352_155)).not.toBe(mint(22_171_210));
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

test("at any time the same key and order give the same id, in the layout that every version since gives", () => {
  for (const time of [0, NOON, 10 * NOON]) {
    vi.setSystemTime(time);
    expect(mintOrderId(order, { ...ann, idempotencyKey: "checkout-1" })).toBe(
      "ord_TG5s7YnRilzwyEp1WMUruYxdgPMeanlIPqK8dy0J",
    );
  }
});

test("the digest has 80 bits and the key of the stage, so that only accepted orders show digests", () => {
  const bytes = Buffer.from(mintOrderId(order, ann).slice(4), "base64url");
  const fields = [order.userId, order.numberOfItems, order.totalAmount];
  const text = JSON.stringify(["digest", bytes.toString("base64url", 0, 12), ...fields]);
  const digest = createHmac("sha256", secret).update(text).digest("hex");
  expect(bytes.toString("hex", 12, 22)).toBe(digest.slice(0, 20));
});

describe("an id of an earlier version", () => {
  test.each([
    ["ann", "ord_TG5s7YnRilzwyEp1udiZy1k4q4DlAo8oUygo4CE7"],
    ["ann", "ord_bKAhvl1x3vKKW_ipudiZy1k4dZPOgUw-D5I7vDUC"],
    ["bob", "ord_eviG8GygEljGlr1El7SKob9bciPc3pN8UV2A5LWi"],
  ])("of %s stays valid for its owner alone: %s", (owner, id) => {
    expect(isIssuedTo(id, { secret, owner })).toBe(true);
    expect(isIssuedTo(id, { secret, owner: "eve" })).toBe(false);
    for (const at of [4, 19, 20, 28, 34, 43]) {
      const altered = id.slice(0, at) + (id[at] === "A" ? "B" : "A") + id.slice(at + 1);
      expect(isIssuedTo(altered, { secret, owner }), altered).toBe(false);
    }
  });

  test("has the part that the database keeps unique in common with every later id of its key", () => {
    const id = mintOrderId(order, { ...ann, idempotencyKey: "checkout-1" });
    expect(id.slice(0, 20)).toBe("ord_TG5s7YnRilzwyEp1");
  });
});

describe("an id without a key", () => {
  const at = (time: number) => {
    vi.setSystemTime(time);
    return mintOrderId(order, ann);
  };

  test("begins with its second, in every process and for every owner", () => {
    for (const millisecond of [0, 1, 999]) {
      vi.setSystemTime(NOON + millisecond);
      const others = { secret: secret.toUpperCase(), owner: `bob ${millisecond}` };
      expect(mintOrderId({ ...order, userId: 4 }, others)).toMatch(/^ord_tpbdc0/);
    }
    expect(at(NOON + 1_000)).toMatch(/^ord_tpbdc1/);
  });

  test("stands behind the earlier ones, in an index by code points as in one by the rules of a language", () => {
    const languages = ["en-US", "fr-CA", "tr"].map((locale) => new Intl.Collator(locale).compare);
    fc.assert(
      fc.property(fc.tuple(time, time), (times) => {
        const [first = 0, second = 0] = times.toSorted((a, b) => a - b);
        if (Math.floor(first / 1_000) === Math.floor(second / 1_000)) return;
        const [earlier, later] = [at(first), at(second)];
        expect(earlier < later).toBe(true);
        for (const compare of languages) expect(compare(earlier, later)).toBe(-1);
      }),
    );
  });

  test.each([
    ["an hour late", NOON - 3_600_000],
    ["an hour early", NOON + 3_600_000],
    ["at its beginning", 0],
    ["before its beginning", -1],
    ["in 2019", Date.UTC(2019, 1, 1)],
    ["in 2038, when the second begins again", Date.UTC(2038, 11, 25)],
    ["in the year 9999", Date.UTC(9999, 1, 1)],
  ])("is valid and unique although the clock is %s", (_, wrong) => {
    const ids = Array.from({ length: 1_000 }, () => at(wrong));
    vi.setSystemTime(NOON);
    for (const id of ids) expect(isIssuedTo(id, ann), id).toBe(true);
    expect(new Set(ids.map((id) => id.slice(0, 20))).size).toBe(ids.length);
  });
});

test("60 bits of a new nonce are random, in the part of an id that the database keeps unique", () => {
  vi.setSystemTime(NOON);
  const nonces = Array.from({ length: 2_000 }, newNonce);
  for (let index = 6; index < 16; index++)
    expect(new Set(nonces.map((nonce) => nonce[index])).size, `character ${index}`).toBe(64);
});
