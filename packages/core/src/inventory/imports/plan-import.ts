import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";

/** The contents of a file, as the splitter counted them. */
export interface ImportPlan {
  /** The digest of the file that it read. */
  sha256: string;
  chunks: number;
  rows: number;
  bad: number;
  duplicates: number;
}

/**
 * Stores how many chunks an import has; it is done when all of them were loaded before. A file that is not the announced
 * one fails it. A second plan must be the first one: another version's splitter may cut the same file differently, and
 * the chunks that are loaded by then would not be its own.
 */
export async function planImport(db: Db, id: string, plan: ImportPlan): Promise<void> {
  const { sha256, chunks, rows, bad, duplicates } = plan;
  await db.execute(sql`
    UPDATE imports SET
      chunks = ${chunks}, rows = ${rows}, bad = ${bad}, duplicates = ${duplicates}, progressed_at = now(),
      started_at = coalesce(started_at, now()),
      failure = CASE WHEN sha256 <> ${sha256} THEN 'checksum_mismatch' END,
      ended_at = CASE WHEN sha256 <> ${sha256} OR chunks_loaded = ${chunks} THEN now() END
    WHERE id = ${id} AND ended_at IS NULL AND failure IS NULL
      AND (chunks IS NULL OR sha256 <> ${sha256} OR (chunks = ${chunks} AND rows = ${rows}))`);
}
