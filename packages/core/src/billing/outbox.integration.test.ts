import postgres from "postgres";
import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../database.ts";
import { OrderEvent } from "../events/index.ts";
import { outboxAge, postpone, published, record, reject, takeDue } from "./index.ts";
import { erasePerson } from "./person.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 2, onnotice: () => {} });
const database = openDatabase({ url: inject("ordersUrl"), name: "test" });
const administrator = openDatabase({ url: inject("adminUrl").replace(/postgres$/, "orders"), name: "test" });
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00", owner: "ann" };
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

beforeEach(() => admin`TRUNCATE orders, rejections, outbox`);
afterAll(() => Promise.all([admin.end(), database.close(), administrator.close()]));

const recordAll = (...ids: string[]) =>
  database.run((db) =>
    record(
      db,
      ids.map((id) => ({ ...order, id })),
    ),
  );
const take = (rows = 10) => database.run((db) => takeDue(db, rows));
const idsOf = (rows: Awaited<ReturnType<typeof take>>) =>
  rows.flatMap(({ events }) => events.map(({ event }) => event.order.id)).toSorted();

test("a recorded order has an event with everything that a subscriber may know", async () => {
  await database.run((db) => record(db, [{ ...order, id: "ord_1", movieId: 7, traceparent }]));
  const [row] = await take();
  expect(row?.events).toEqual([
    {
      event: {
        id: "evt_ord_1_order.recorded",
        type: "order.recorded",
        occurred_at: expect.any(String),
        order: {
          id: "ord_1",
          owner: "ann",
          user_id: 3,
          number_of_items: 5,
          total_amount: "180.00",
          movie_id: 7,
        },
      },
      traceparent,
    },
  ]);
  expect(OrderEvent.parse(row?.events[0]?.event)).toEqual(row?.events[0]?.event);
});

test("a rejected order has an event with its reason, and a second rejection adds nothing", async () => {
  for (const reason of ["The first.", "The second."])
    await database.run((db) => reject(db, { orderId: "ord_1", owner: "ann", reason }));
  const rows = await take();
  expect(rows.flatMap(({ events }) => events.map(({ event }) => event))).toEqual([
    {
      id: "evt_ord_1_order.rejected",
      type: "order.rejected",
      occurred_at: expect.any(String),
      order: { id: "ord_1", owner: "ann", reason: "The first." },
    },
  ]);
  expect(OrderEvent.parse(rows[0]?.events[0]?.event)).toEqual(rows[0]?.events[0]?.event);
});

test("a recorded order cannot be rejected any more: a rejection leaves no row and no event", async () => {
  await recordAll("ord_1");
  await database.run((db) => reject(db, { orderId: "ord_1", owner: "ann", reason: "No order." }));
  expect(await admin`SELECT FROM rejections`).toHaveLength(0);
  expect((await take()).flatMap(({ events }) => events.map(({ event }) => event.type))).toEqual([
    "order.recorded",
  ]);
});

test("a batch takes one row, and a repeated order no further event", async () => {
  await recordAll("ord_1", "ord_2", "ord_3");
  await recordAll("ord_2", "ord_4");
  await recordAll("ord_1");
  const rows = await take();
  expect(rows.map(({ events }) => events.length).toSorted()).toEqual([1, 3]);
  expect(idsOf(rows)).toEqual(["ord_1", "ord_2", "ord_3", "ord_4"]);
});

test("a row of a type that only a later version knows waits for that version", async () => {
  await admin`INSERT INTO outbox (type, order_ids) VALUES ('order.shipped', '{ord_1}')`;
  expect(await take()).toEqual([]);
  expect(await admin`SELECT type FROM outbox`).toEqual([{ type: "order.shipped" }]);
});

test("an order that is not stored has no event", async () => {
  await expect(
    administrator.run((db) =>
      db.transaction(async (tx) => {
        await record(tx, [{ ...order, id: "ord_1" }]);
        throw new Error("the process dies");
      }),
    ),
  ).rejects.toThrow();
  expect(await take()).toEqual([]);
});

test("many relays take each row once, and do not wait for each other", async () => {
  for (let number = 0; number < 40; number++) await recordAll(`ord_${number}`);
  const taken = await Promise.all(Array.from({ length: 8 }, () => take(5)));
  expect(idsOf(taken.flat())).toHaveLength(40);
  expect(new Set(idsOf(taken.flat())).size).toBe(40);
  expect(await take()).toEqual([]);
});

test("a row that a dead relay took is due again after its lease, until it is published", async () => {
  await recordAll("ord_1");
  expect(await take()).toHaveLength(1);
  expect(await take()).toEqual([]);
  await admin`UPDATE outbox SET due_at = due_at - interval '30 seconds'`;
  const [row] = await take();
  await database.run((db) => published(db, [row?.id ?? 0]));
  expect(await admin`SELECT * FROM outbox`).toEqual([]);
});

test("a postponed row is due after a pause that grows to 3 s", async () => {
  await recordAll("ord_1");
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= 12; attempt++) {
    const [row] = await take();
    await database.run((db) => postpone(db, [row?.id ?? 0]));
    const [{ pause } = {}] =
      await admin`SELECT extract(epoch FROM due_at - now())::float8 AS pause FROM outbox`;
    pauses.push(Number(pause));
    await admin`UPDATE outbox SET due_at = now()`;
  }
  // Some of each pause has passed when it is read.
  for (const [index, pause] of pauses.entries())
    expect(pause).toBeLessThanOrEqual(Math.min(3, 0.1 * 2 ** (index + 1)));
  expect(pauses.at(-1)).toBeGreaterThan(Math.max(...pauses.slice(0, 2)));
});

test("an order that is erased before its event is published has one without the person", async () => {
  await database.run((db) => record(db, [{ ...order, id: "ord_1", traceparent }]));
  await administrator.run((db) => erasePerson(db, "ann", { table: "orders", block: 0 }));
  expect(await take()).toMatchObject([
    { events: [{ event: { order: { id: "ord_1", number_of_items: 5, total_amount: "180.00" } } }] },
  ]);
  await admin`UPDATE outbox SET due_at = now()`;
  expect(JSON.stringify(await take())).not.toMatch(/ann|user_id|0af7/);
});

test("the outbox keeps nothing but ids", async () => {
  await database.run((db) =>
    record(db, [{ ...order, id: "ord_1", owner: "ann", userId: 424_242, traceparent }]),
  );
  const [row] = await admin`SELECT to_jsonb(outbox)::text AS text FROM outbox`;
  expect(row?.text).toContain("ord_1");
  expect(row?.text).not.toMatch(/ann|424242|0af7/);
});

test("the age is that of the oldest row, and 0 for an empty outbox", async () => {
  const age = () => database.run(outboxAge);
  expect(await age()).toBe(0);
  await recordAll("ord_1");
  await recordAll("ord_2");
  await admin`UPDATE outbox SET created_at = now() - interval '1 hour' WHERE order_ids = '{ord_1}'`;
  expect(await age()).toBeGreaterThanOrEqual(3_600);
});
