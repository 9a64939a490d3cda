import { and, eq, sql } from "drizzle-orm";
import { type Db, prepared } from "../../database.ts";
import { importTable } from "./import.sql.ts";
import type { Import } from "./import.ts";
import { importColumns, importOf } from "./import-row.ts";

/** An import of this owner. Another owner's import is undefined, like an unknown one. `id` is an `ImportId`. */
export async function importFromId(db: Db, id: string, owner: string): Promise<Import | undefined> {
  const [row] = await select(db).execute({ id, owner });
  return row && importOf(row);
}

const select = prepared((db) =>
  db
    .select(importColumns)
    .from(importTable)
    .where(and(eq(importTable.id, sql.placeholder("id")), eq(importTable.owner, sql.placeholder("owner"))))
    .prepare("select import"),
);
