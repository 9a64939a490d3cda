import { sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { due } from "./outbox.ts";

export interface Rejection {
  orderId: string;
  owner?: string | undefined;
  /** One sentence for the customer who placed the order. */
  reason: string;
}

/**
 * Records why an order will not be recorded, together with the note that its event is due; the first reason is kept,
 * and only it has an event. An order that is recorded stays so: a later message under its id changes nothing.
 */
export async function reject(db: Db, { orderId, owner, reason }: Rejection): Promise<void> {
  await db.execute(sql`
    WITH rejected AS (
      INSERT INTO rejections (order_id, owner, reason)
      SELECT ${orderId}::text, ${owner ?? null}::text, ${reason}::text
      WHERE NOT EXISTS (SELECT FROM orders WHERE id = ${orderId}::text)
      ON CONFLICT DO NOTHING
      RETURNING order_id
    ), ${due("order.rejected", sql`SELECT order_id FROM rejected`)}
    SELECT`);
}
