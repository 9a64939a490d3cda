import { and, eq, isNull, not, sql } from "drizzle-orm";
import { type Db, prepared } from "../../database.ts";
import { DomainError } from "../../errors.ts";
import { importTable } from "./import.sql.ts";
import { IMPORTS_OPEN_MAX, type Import, type ImportBody } from "./import.ts";
import { importColumns, importOf } from "./import-row.ts";

/**
 * Announces a file of this owner (`sub` of the caller). The import waits for its upload. Throws `invalid` when they have
 * IMPORTS_OPEN_MAX open ones; as many requests at once may each make one more.
 */
export async function createImport(db: Db, body: ImportBody, owner: string): Promise<Import> {
  const [open] = await countOpen(db).execute({ owner });
  if (open && open.count >= IMPORTS_OPEN_MAX) {
    throw new DomainError(
      "invalid",
      `You have ${IMPORTS_OPEN_MAX} imports that have not ended, which is the most. Wait until one of them has, or for an hour where a file was never uploaded.`,
    );
  }
  const [row] = await insert(db).execute({ ...body, owner });
  if (!row) throw new Error("INSERT ... RETURNING gave no row");
  return importOf(row);
}

const countOpen = prepared((db) =>
  db
    .select({ count: sql<number>`count(*)::int` })
    .from(importTable)
    .where(
      and(
        eq(importTable.owner, sql.placeholder("owner")),
        isNull(importTable.endedAt),
        not(importColumns.isStalled),
      ),
    )
    .prepare("count open imports"),
);

const insert = prepared((db) =>
  db
    .insert(importTable)
    .values({
      owner: sql.placeholder("owner"),
      format: sql.placeholder("format"),
      bytes: sql.placeholder("bytes"),
      sha256: sql.placeholder("sha256"),
    })
    .returning(importColumns)
    .prepare("create import"),
);
