import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Database, openDatabase, sqlState } from "../database.ts";
import { mintOrderId, outcomes, record, reject } from "./index.ts";
import { BEGINNING, erasePerson, findPerson, type Place } from "./person.ts";

const adminUrl = inject("adminUrl").replace(/postgres$/, "orders");
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const idOf = (owner: string) => mintOrderId(order, { secret: "a secret of thirty-two characters", owner });
/** The administrator's, and billing's own. */
let [owning, billing]: Database[] = [];

beforeAll(() => {
  owning = openDatabase({ url: adminUrl, name: "test" });
  billing = openDatabase({ url: inject("ordersUrl"), name: "test" });
});
beforeEach(() => admin`TRUNCATE orders, rejections`);
afterAll(() => Promise.all([admin.end(), owning?.close(), billing?.close()]));

const run = <T>(verb: Parameters<Database["run"]>[0]) => owning?.run(verb) as Promise<T>;

/** Repeats steps from the beginning until the end, or until a number of them. */
async function walk<S extends { next: Place | undefined }>(
  step: (place: Place) => Promise<S>,
  stepsMax = Number.POSITIVE_INFINITY,
): Promise<S[]> {
  const steps: S[] = [];
  for (let place: Place | undefined = BEGINNING; place && steps.length < stepsMax; ) {
    const done: S = await step(place);
    steps.push(done);
    place = done.next;
  }
  return steps;
}
const found = async (owner: string) =>
  (
    await walk((place) => run<Awaited<ReturnType<typeof findPerson>>>((db) => findPerson(db, owner, place)))
  ).flatMap(({ rows }) => rows);
const erase = (owner: string, stepsMax?: number) =>
  walk(
    (place) => run<Awaited<ReturnType<typeof erasePerson>>>((db) => erasePerson(db, owner, place)),
    stepsMax,
  );

/** Enough orders of each of two owners, in turns, for three steps of 2 MB. */
async function fill(rows: number): Promise<void> {
  await admin`
    INSERT INTO orders (id, user_id, number_of_items, total_amount, owner, traceparent)
    SELECT 'ord_' || rpad(lpad(n::text, 16, '0'), 40, '0'), 1, 1, 1, CASE n % 2 WHEN 0 THEN 'ann' ELSE 'bob' END, ${traceparent}
    FROM generate_series(1, ${rows}) n`;
}

test("finds every column of an owner's rows in both tables, and no row of another owner", async () => {
  const [id, refused] = [idOf("ann"), idOf("ann")];
  const acceptedAt = "2026-11-30T12:00:00.123Z";
  await run((db) =>
    record(db, [
      { ...order, id, owner: "ann", traceparent, acceptedAt },
      { ...order, id: idOf("bob"), owner: "bob" },
      { ...order, id: "ext_1" },
    ]),
  );
  await run((db) => reject(db, { orderId: refused, owner: "ann", reason: "No." }));
  expect(await found("ann")).toEqual([
    {
      id,
      user_id: 3,
      number_of_items: 5,
      total_amount: "180.00",
      owner: "ann",
      traceparent,
      movie_id: null,
      accepted_at: "2026-11-30T12:00:00.123+00:00",
      recorded_at: expect.any(String),
    },
    { order_id: refused, owner: "ann", reason: "No.", rejected_at: expect.any(String) },
  ]);
  expect(await found("' OR true --")).toEqual([]);
});

describe("an erasure", () => {
  test("keeps the rows, their money and their outcomes, and leaves nothing that names the person", async () => {
    const [mine, refused, other] = [idOf("ann"), idOf("ann"), idOf("bob")];
    await run((db) =>
      record(db, [
        { ...order, id: mine, owner: "ann", traceparent },
        { ...order, id: other, owner: "bob", traceparent },
      ]),
    );
    await run((db) => reject(db, { orderId: refused, owner: "ann", reason: "No." }));
    const before = await run((db) => outcomes(db, [mine, refused, other]));
    const [bobs] = await admin`SELECT * FROM orders WHERE id = ${other}`;
    expect((await erase("ann")).map(({ erased }) => erased)).toEqual([1, 1]);

    expect(await run((db) => outcomes(db, [mine, refused, other]))).toEqual(before);
    expect(await admin`SELECT * FROM orders WHERE id = ${mine}`).toMatchObject([
      { user_id: 0, number_of_items: 5, total_amount: "180.00", owner: null, traceparent: null },
    ]);
    expect(await admin`SELECT owner, reason FROM rejections`).toEqual([{ owner: null, reason: "No." }]);
    expect(await admin`SELECT * FROM orders WHERE id = ${other}`).toEqual([bobs]);
    expect(await found("ann")).toEqual([]);
    // The message is delivered again, or the client repeats its request with the key and token of before.
    expect(await run((db) => record(db, [{ ...order, id: mine, owner: "ann" }]))).toMatchObject({
      created: [],
    });
    await run((db) => reject(db, { orderId: refused, owner: "ann", reason: "No." }));
    expect(await found("ann")).toEqual([]);
  });

  test("that broke off in the middle is completed by another one from the beginning", async () => {
    await fill(40_000);
    const [first] = await erase("ann", 1);
    expect(first?.next).toEqual({ table: "orders", block: 256 });
    const rest = await erase("ann");
    expect(rest.length).toBeGreaterThan(2);
    expect([first, ...rest].reduce((sum, step) => sum + (step?.erased ?? 0), 0)).toBe(20_000);
    expect(await admin`SELECT owner, count(*)::int FROM orders GROUP BY owner ORDER BY owner`).toEqual([
      { owner: "bob", count: 20_000 },
      { owner: null, count: 20_000 },
    ]);
  });

  test("reads only the blocks of its step, without an index on the owner", async () => {
    await fill(40_000);
    const [plan] = await admin`
      EXPLAIN (FORMAT JSON) UPDATE orders SET owner = NULL
      WHERE ctid >= ${"(256,0)"}::tid AND ctid < ${"(512,0)"}::tid AND owner = ${"ann"}`;
    expect(JSON.stringify(plan)).toContain("Tid Range Scan");
  });

  test("is not possible with billing's rights", async () => {
    const error = await billing
      ?.run((db) => erasePerson(db, "ann", BEGINNING))
      .catch((thrown: unknown) => thrown);
    expect(sqlState(error)).toBe("42501");
  });
});
