import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";
import type { FailureReason } from "./import.ts";

/** Ends an import for this reason, unless it has ended already. Its loaded movies stay; further chunks load nothing. */
export async function failImport(db: Db, id: string, reason: FailureReason): Promise<void> {
  await db.execute(sql`
    UPDATE imports SET failure = ${reason}, progressed_at = now(), ended_at = now()
    WHERE id = ${id} AND ended_at IS NULL`);
}
