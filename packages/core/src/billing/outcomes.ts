import { inArray, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { Db } from "../database.ts";
import { orderTable, rejectionTable } from "./order.sql.ts";

/**
 * Which of these orders are recorded and which are rejected. A rejected order that a replay recorded later counts as
 * recorded.
 */
export async function outcomes(
  db: Db,
  ids: readonly string[],
): Promise<{ recorded: string[]; rejected: string[] }> {
  if (ids.length === 0) return { recorded: [], rejected: [] };
  const rows = await unionAll(
    db
      .select({ id: orderTable.id, isRecorded: sql<boolean>`true` })
      .from(orderTable)
      .where(inArray(orderTable.id, [...ids])),
    db
      .select({ id: rejectionTable.orderId, isRecorded: sql<boolean>`false` })
      .from(rejectionTable)
      .where(inArray(rejectionTable.orderId, [...ids])),
  );
  const recorded = new Set(rows.filter(({ isRecorded }) => isRecorded).map(({ id }) => id));
  const rejected = rows.map(({ id }) => id).filter((id) => !recorded.has(id));
  return { recorded: [...recorded], rejected };
}
