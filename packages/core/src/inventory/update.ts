import { eq, sql } from "drizzle-orm";
import { type Db, prepared } from "../database.ts";
import { movieTable } from "./movie.sql.ts";
import type { Movie, MovieBody } from "./movie.ts";
import { bodyPlaceholders, movieColumns, movieOf, rowOf } from "./row.ts";

/** Replaces every field of a movie but its id; undefined when the movie does not exist. */
export async function update(db: Db, id: number, body: MovieBody): Promise<Movie | undefined> {
  const [row] = await replace(db).execute({ ...rowOf(body), id });
  return row && movieOf(row);
}

const replace = prepared((db) =>
  db
    .update(movieTable)
    .set({ ...bodyPlaceholders, updatedAt: sql`now()` })
    .where(eq(movieTable.id, sql.placeholder("id")))
    .returning(movieColumns)
    .prepare("replace movie"),
);
