import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../database.ts";
import { LEDGER_IDS_MAX, mintOrderId, outcomes, record, reject } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 1, onnotice: () => {} });
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const newId = () => mintOrderId(order, { secret: "a secret of thirty-two characters", owner: "ann" });
let database: Database;

beforeAll(() => {
  database = openDatabase({ url: inject("ordersUrl"), name: "test" });
});
beforeEach(() => admin`TRUNCATE orders, rejections`);
afterAll(() => Promise.all([admin.end(), database.close()]));

const outcomesOf = (ids: string[]) => database.run((db) => outcomes(db, ids));

test("lists recorded and rejected orders and leaves out orders without a row", async () => {
  const [recorded, rejected, both, unseen] = [newId(), newId(), newId(), newId()];
  await database.run((db) =>
    record(
      db,
      [recorded, both].map((id) => ({ ...order, id })),
    ),
  );
  for (const orderId of [rejected, both]) await database.run((db) => reject(db, { orderId, reason: "No." }));
  const found = await outcomesOf([recorded, rejected, both, unseen]);
  expect(found.recorded.sort()).toEqual([recorded, both].sort());
  // The other one was recorded later, by a replay.
  expect(found.rejected).toEqual([rejected]);
  expect(await outcomesOf([])).toEqual({ recorded: [], rejected: [] });
});

test("answers a question with the largest allowed number of ids", async () => {
  const ids = Array.from({ length: LEDGER_IDS_MAX }, newId);
  await database.run((db) =>
    record(
      db,
      ids.map((id) => ({ ...order, id })),
    ),
  );
  expect((await outcomesOf(ids)).recorded).toHaveLength(LEDGER_IDS_MAX);
  expect((await outcomesOf(ids)).rejected).toEqual([]);
});
