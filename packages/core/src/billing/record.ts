import { inArray, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { orderTable } from "./order.sql.ts";
import { type Order, toWire } from "./order.ts";
import { due } from "./outbox.ts";

export interface AcceptedOrder extends Order {
  id: string;
  /** Absent, like the fields below, when a foreign client published the order. */
  owner?: string | undefined;
  traceparent?: string | undefined;
  /** ISO 8601. */
  acceptedAt?: string | undefined;
}

export interface Recorded {
  /** Ids of the orders that are stored now, by this call or by an earlier one. */
  recorded: string[];
  /** Those of `recorded` that this call has stored. */
  created: string[];
  /** Ids of the orders whose idempotency key has already recorded another order. */
  keyReused: string[];
}

/** Stores each order once, together with the note that its event is due, however often its message arrives. */
export async function record(db: Db, orders: readonly AcceptedOrder[]): Promise<Recorded> {
  if (orders.length === 0) return { recorded: [], created: [], keyReused: [] };
  const ids = [...new Set(orders.map((order) => order.id))];
  const created = await insert(db, orders);
  if (created.length === ids.length) return { recorded: ids, created, keyReused: [] };

  const stored = await db.select({ id: orderTable.id }).from(orderTable).where(inArray(orderTable.id, ids));
  const recorded = new Set(stored.map((row) => row.id));
  return { recorded: [...recorded], created, keyReused: ids.filter((id) => !recorded.has(id)) };
}

/**
 * Returns the ids that were new. The rows are one parameter in JSON: with a parameter for each value, Drizzle and the
 * driver take three times as long for them as PostgreSQL.
 */
async function insert(db: Db, orders: readonly AcceptedOrder[]): Promise<string[]> {
  const rows = orders.map(({ id, owner, traceparent, acceptedAt, ...order }) => ({
    id,
    ...toWire(order),
    owner,
    traceparent,
    accepted_at: acceptedAt,
  }));
  const inserted = await db.execute<{ id: string }>(sql`
    WITH created AS (
      INSERT INTO orders (id, user_id, number_of_items, total_amount, owner, traceparent, movie_id, accepted_at)
      SELECT id, user_id, number_of_items, total_amount, owner, traceparent, movie_id, accepted_at
      FROM json_populate_recordset(NULL::orders, ${JSON.stringify(rows)})
      ON CONFLICT DO NOTHING
      RETURNING id
    ), ${due("order.recorded", sql`SELECT id FROM created`)}
    SELECT id FROM created`);
  return inserted.map(({ id }) => id);
}
