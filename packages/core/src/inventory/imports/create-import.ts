import { sql } from "drizzle-orm";
import { type Db, prepared } from "../../database.ts";
import { importTable } from "./import.sql.ts";
import type { Import, ImportBody } from "./import.ts";
import { importColumns, importOf } from "./import-row.ts";

/** Announces a file of this owner (`sub` of the caller). The import waits for its upload. */
export async function createImport(db: Db, body: ImportBody, owner: string): Promise<Import> {
  const [row] = await insert(db).execute({ ...body, owner });
  if (!row) throw new Error("INSERT ... RETURNING gave no row");
  return importOf(row);
}

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
