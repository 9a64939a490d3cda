import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../database.ts";
import { mintOrderId, record } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 1, onnotice: () => {} });
const issuer = { secret: "a secret of thirty-two characters", owner: "ann" };
const order = { userId: 2_147_483_647, numberOfItems: 1, totalAmount: "9999999999.99" };
let database: Database;

beforeAll(() => {
  database = openDatabase({ url: inject("ordersUrl"), name: "test" });
});
beforeEach(() => admin`TRUNCATE orders, rejections`);
afterAll(() => Promise.all([admin.end(), database.close()]));

test("stores every field as it was given, and null for an absent one", async () => {
  const owner = `"a"\\b' {c} \u2028 é 🎬`;
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const acceptedAt = "2026-11-30T12:00:00.123Z";
  await database.run((db) =>
    record(db, [
      { ...order, id: "ord_1", owner, traceparent, movieId: 999_999_999_999_999, acceptedAt },
      { ...order, id: "ord_2", totalAmount: "0.07" },
    ]),
  );
  expect(await admin`SELECT * FROM orders ORDER BY id`).toEqual([
    {
      id: "ord_1",
      user_id: order.userId,
      number_of_items: 1,
      total_amount: order.totalAmount,
      owner,
      traceparent,
      movie_id: "999999999999999",
      accepted_at: new Date(acceptedAt),
      recorded_at: expect.any(Date),
    },
    expect.objectContaining({ id: "ord_2", total_amount: "0.07", owner: null, accepted_at: null }),
  ]);
});

test("creates each order once, and refuses the later of two that have one idempotency key", async () => {
  const id = (numberOfItems: number) =>
    mintOrderId({ ...order, numberOfItems }, { ...issuer, idempotencyKey: "checkout-1" });
  const [first, second] = [id(1), id(2)];
  const batch = [first, second, first, "ord_1"].map((id) => ({ ...order, id }));
  const [once, again] = [
    await database.run((db) => record(db, batch)),
    await database.run((db) => record(db, batch)),
  ];
  expect(once.created.toSorted()).toEqual([first, "ord_1"].toSorted());
  expect(again.created).toEqual([]);
  for (const { recorded, keyReused } of [once, again]) {
    expect(recorded.toSorted()).toEqual([first, "ord_1"].toSorted());
    expect(keyReused).toEqual([second]);
  }
});

test("a key of an earlier version, whose ids had another digest, does not record its order a second time", async () => {
  const placed = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
  const earlier = "ord_TG5s7YnRilzwyEp1udiZy1k4q4DlAo8oUygo4CE7";
  const id = mintOrderId(placed, { ...issuer, idempotencyKey: "checkout-1" });
  await database.run((db) => record(db, [{ ...placed, id: earlier }]));
  expect(await database.run((db) => record(db, [{ ...placed, id }]))).toMatchObject({ keyReused: [id] });
  expect(await admin`SELECT id FROM orders`).toEqual([{ id: earlier }]);
});
