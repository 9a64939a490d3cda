import { and, eq } from "drizzle-orm";
import type { Db } from "../database.ts";
import { orderTable, rejectionTable } from "./order.sql.ts";
import { toWire } from "./order.ts";
import type { OrderOutcome } from "./order-state.ts";

/** The outcome of an order of this owner; undefined when billing has not seen it, or when it belongs to another owner. */
export async function fromId(db: Db, id: string, owner: string): Promise<OrderOutcome | undefined> {
  const [order] = await db
    .select()
    .from(orderTable)
    .where(and(eq(orderTable.id, id), eq(orderTable.owner, owner)));
  if (order) {
    return {
      id,
      status: "recorded",
      ...toWire({ ...order, movieId: order.movieId ?? undefined }),
      accepted_at: order.acceptedAt && toIso(order.acceptedAt),
      recorded_at: toIso(order.recordedAt),
    };
  }
  const [rejection] = await db
    .select()
    .from(rejectionTable)
    .where(and(eq(rejectionTable.orderId, id), eq(rejectionTable.owner, owner)));
  if (!rejection) return undefined;
  return {
    id,
    status: "rejected",
    reason: rejection.reason,
    rejected_at: toIso(rejection.rejectedAt),
  };
}

/** PostgreSQL's `2026-11-22 16:40:00.123+00` as ISO 8601. */
function toIso(timestamp: string): string {
  return new Date(timestamp).toISOString();
}
