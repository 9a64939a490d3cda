import type { Db } from "../database.ts";
import { rejectionTable } from "./order.sql.ts";

export interface Rejection {
  orderId: string;
  owner?: string | undefined;
  /** One sentence for the customer who placed the order. */
  reason: string;
}

/** Records why an order will not be recorded; the first reason is kept. */
export async function reject(db: Db, rejection: Rejection): Promise<void> {
  await db.insert(rejectionTable).values(rejection).onConflictDoNothing();
}
