import { sql } from "drizzle-orm";
import type { Db } from "../database.ts";

/** Deletes up to 500 idempotency keys that are older than 90 days. Returns how many. */
export async function sweep(db: Db): Promise<number> {
  const [row] = await db.execute<{ swept: number }>(sql`SELECT sweep_movie_requests() AS swept`);
  return row?.swept ?? 0;
}
