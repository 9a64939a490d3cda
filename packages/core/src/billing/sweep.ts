import { sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { attemptTable } from "./order.sql.ts";

/**
 * Deletes up to 500 rejections that are older than 90 days, and the marks that no longer count, whose messages left the
 * queue on another way, as when it was purged. Returns how many rejections.
 */
export async function sweep(db: Db): Promise<number> {
  await db.delete(attemptTable).where(sql`${attemptTable.startedAt} < now() - interval '1 day'`);
  const [row] = await db.execute<{ swept: number }>(sql`SELECT sweep_rejections() AS swept`);
  return row?.swept ?? 0;
}
