import { eq, sql } from "drizzle-orm";
import { type Db, prepared } from "../database.ts";
import { movieTable } from "./movie.sql.ts";
import type { Movie } from "./movie.ts";
import { movieColumns, movieOf } from "./row.ts";

export async function fromId(db: Db, id: number): Promise<Movie | undefined> {
  const [row] = await selectOne(db).execute({ id });
  return row && movieOf(row);
}

const selectOne = prepared((db) =>
  db
    .select(movieColumns)
    .from(movieTable)
    .where(eq(movieTable.id, sql.placeholder("id")))
    .prepare("select movie"),
);
