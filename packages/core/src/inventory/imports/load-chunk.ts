import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";
import { movieTable } from "../movie.sql.ts";
import { bodyFields } from "../row.ts";
import { importChunkTable, importSlotTable } from "./import.sql.ts";
import { LEASE_SECONDS, type Slot } from "./take-slot.ts";

/**
 * How long after its taking a slot is lent again. Two slots of half a second are 2,000 rows a second, and never more than
 * two loads at the same time: four slots of a second would be as fast, and could occupy both processors of a server at once.
 */
const SLOT_SECONDS = 0.5;

export interface Chunk {
  importId: string;
  /** The digest of the file that the splitter read. */
  sha256: string;
  chunk: number;
  /** How many movies. */
  rows: number;
  /** The chunk's object: a line of JSON for each movie, with its digest. */
  content: string;
}

/** `unwanted`: it was loaded before, or its import has ended. `late`: the slot is lost, and the chunk must come again. */
export type Loaded = "loaded" | "unwanted" | "late";

/**
 * Loads a chunk once, however often its message arrives, in one statement: its mark, its movies, and the progress of its
 * import, which is done with the last chunk. A movie that an earlier import loaded is not added again. Loads nothing for
 * an import that has ended, or that announced another file.
 */
export async function loadChunk(db: Db, chunk: Chunk, { slot, lease }: Slot): Promise<Loaded> {
  const { importId, sha256, rows } = chunk;
  const movies = `[${chunk.content.trimEnd().replaceAll("\n", ",")}]`;
  const [loaded] = await db.execute<{ is_held: boolean; is_loaded: boolean }>(sql`
    WITH slot AS (
      UPDATE ${importSlotTable}
      SET free_at = greatest(now(), free_at - make_interval(secs => ${LEASE_SECONDS - SLOT_SECONDS}))
      WHERE slot = ${slot} AND lease = ${lease}
      RETURNING slot
    ), mark AS (
      INSERT INTO ${importChunkTable} (import_id, chunk)
      SELECT id, ${chunk.chunk}::int FROM imports, slot
      WHERE id = ${importId} AND sha256 = ${sha256} AND ended_at IS NULL
      ON CONFLICT DO NOTHING
      RETURNING chunk
    ), movie AS (
      INSERT INTO movies (${columns})
      SELECT ${columns} FROM json_populate_recordset(NULL::movies, ${movies}) WHERE EXISTS (SELECT FROM mark)
      -- Two loaders with the same movies then wait for each other in one order, which makes no deadlock.
      ORDER BY digest
      ON CONFLICT (digest) WHERE digest IS NOT NULL DO NOTHING
      RETURNING id
    ), progress AS (
      UPDATE imports
      SET chunks_loaded = chunks_loaded + 1, rows_loaded = rows_loaded + ${rows},
        added = added + (SELECT count(*) FROM movie), started_at = coalesce(started_at, now()), progressed_at = now(),
        -- It may have failed since this statement began.
        ended_at = CASE WHEN chunks = chunks_loaded + 1 THEN coalesce(ended_at, now()) ELSE ended_at END
      WHERE id = ${importId} AND EXISTS (SELECT FROM mark)
    )
    SELECT EXISTS (SELECT FROM slot) AS is_held, EXISTS (SELECT FROM mark) AS is_loaded`);
  if (!loaded?.is_held) return "late";
  return loaded.is_loaded ? "loaded" : "unwanted";
}

const columns = sql.join(
  [...bodyFields, "digest" as const].map((field) => sql.identifier(movieTable[field].name)),
  sql`, `,
);
