import { inArray } from "drizzle-orm";
import type { Db } from "../database.ts";
import { orderTable } from "./order.sql.ts";
import type { Order } from "./order.ts";

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

/** Stores each order once, all in one statement, however often its message arrives. */
export async function record(db: Db, orders: readonly AcceptedOrder[]): Promise<Recorded> {
  if (orders.length === 0) return { recorded: [], created: [], keyReused: [] };
  const ids = [...new Set(orders.map((order) => order.id))];
  const inserted = await db
    .insert(orderTable)
    .values([...orders])
    .onConflictDoNothing()
    .returning({ id: orderTable.id });
  const created = inserted.map((row) => row.id);
  if (created.length === ids.length) return { recorded: ids, created, keyReused: [] };

  const stored = await db.select({ id: orderTable.id }).from(orderTable).where(inArray(orderTable.id, ids));
  const recorded = new Set(stored.map((row) => row.id));
  return { recorded: [...recorded], created, keyReused: ids.filter((id) => !recorded.has(id)) };
}
