import { eq, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { attemptTable } from "./order.sql.ts";

/** A message over which this many processes died, alone, is the cause of their death. */
export const ATTEMPTS_MAX = 3;

/** A mark that nobody could take off says nothing a day later, when an equal message without an id may come. */
const COUNT_TODAY = sql`CASE WHEN ${attemptTable.startedAt} < now() - interval '1 day' THEN 1 ELSE ${attemptTable.count} + 1 END`;

/** Marks a redelivered message as being handled; returns how often that began without `settle`: 1 the first time. */
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

/** The process lives: takes the mark off again. */
export async function settle(db: Db, messageKey: string): Promise<void> {
  await db.delete(attemptTable).where(eq(attemptTable.messageKey, messageKey));
}
