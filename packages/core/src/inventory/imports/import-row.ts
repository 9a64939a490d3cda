import { type SQL, sql } from "drizzle-orm";
import { importTable } from "./import.sql.ts";
import { type Import, STALLED_HOURS } from "./import.ts";

const {
  id,
  format,
  bytes,
  startedAt,
  rows,
  bad,
  duplicates,
  rowsLoaded,
  added,
  failure,
  endedAt,
  createdAt,
} = importTable;

export const importColumns = {
  ...{ id, format, bytes, startedAt, rows, bad, duplicates, rowsLoaded, added, failure, endedAt, createdAt },
  /** By the clock of the database. */
  isStalled: sql<boolean>`(progressed_at < now() - make_interval(hours => ${sql.raw(String(STALLED_HOURS))}))`,
};

type Row = {
  [Column in keyof typeof importColumns]: (typeof importColumns)[Column] extends SQL<infer T>
    ? T
    : (typeof importTable.$inferSelect)[Column & keyof typeof importTable.$inferSelect];
};

/** The import of a row, as a client sees it. */
export function importOf(row: Row): Import {
  return {
    id: row.id,
    ...stateOf(row),
    format: row.format,
    bytes: row.bytes,
    rows: {
      ...(row.rows !== null && { total: row.rows }),
      done: row.rowsLoaded,
      added: row.added,
      ...(row.bad !== null && { bad: row.bad }),
      ...(row.duplicates !== null && { duplicates: row.duplicates }),
    },
    created_at: row.createdAt.toISOString(),
  };
}

/**
 * An import without progress for an hour counts as failed, so that a client never waits for ever: its file was never
 * uploaded, or a message of it is a dead letter. That is computed, not stored: when the message is replayed, it goes on.
 */
function stateOf({
  failure,
  endedAt,
  isStalled,
  startedAt,
  rowsLoaded,
}: Row): Pick<Import, "state" | "reason"> {
  if (failure) return { state: "failed", reason: failure };
  if (endedAt) return { state: "done" };
  if (isStalled) return { state: "failed", reason: startedAt ? "stalled" : "never_uploaded" };
  if (!startedAt) return { state: "awaiting_upload" };
  return { state: rowsLoaded === 0 ? "queued" : "running" };
}
