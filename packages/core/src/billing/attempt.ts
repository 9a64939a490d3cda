import { eq, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { attemptTable } from "./order.sql.ts";

/** A message is rejected as the cause of the crashes after this many processes died while each handled it alone. */
export const ATTEMPTS_MAX = 3;

/** A mark that was never removed counts for one day: later, an equal message without an id may arrive. */
const COUNT_TODAY = sql`CASE WHEN ${attemptTable.startedAt} < now() - interval '1 day' THEN 1 ELSE ${attemptTable.count} + 1 END`;

/** Marks a redelivered message as being handled. Returns how many times handling began without a `settle`: 1 the first time. */
export async function attempt(db: Db, messageKey: string): Promise<number> {
  const [row] = await db
    .insert(attemptTable)
    .values({ messageKey })
    .onConflictDoUpdate({
      target: attemptTable.messageKey,
      set: { count: COUNT_TODAY, startedAt: sql`now()` },
    })
    .returning({ count: attemptTable.count });
  return row?.count ?? 1;
}

/** Removes the mark: the process survived the message. */
export async function settle(db: Db, messageKey: string): Promise<void> {
  await db.delete(attemptTable).where(eq(attemptTable.messageKey, messageKey));
}
