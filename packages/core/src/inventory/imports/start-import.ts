import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";

/** Notes that the splitter has begun with the file. */
export async function startImport(db: Db, id: string): Promise<void> {
  await db.execute(sql`
    UPDATE imports SET started_at = coalesce(started_at, now()), progressed_at = now()
    WHERE id = ${id} AND ended_at IS NULL`);
}
