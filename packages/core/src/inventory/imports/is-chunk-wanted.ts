import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";
import type { Chunk } from "./load-chunk.ts";

/** Whether this chunk is still to be loaded: its import is open and announced this file, and the chunk has no mark. */
export async function isChunkWanted(
  db: Db,
  { importId, sha256, chunk }: Pick<Chunk, "importId" | "sha256" | "chunk">,
): Promise<boolean> {
  const rows = await db.execute(sql`
    SELECT FROM imports
    WHERE id = ${importId} AND sha256 = ${sha256} AND ended_at IS NULL
      AND NOT EXISTS (SELECT FROM import_chunks WHERE import_id = ${importId} AND chunk = ${chunk})`);
  return rows.length > 0;
}
