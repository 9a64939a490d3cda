import { eq, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { movieTable } from "./movie.sql.ts";
import type { Movie, MovieBody } from "./movie.ts";
import { movieColumns, movieOf, rowOf } from "./row.ts";

/** Replaces every field of a movie but its id; undefined when the movie does not exist. */
export async function update(db: Db, id: number, body: MovieBody): Promise<Movie | undefined> {
  const [row] = await db
    .update(movieTable)
    .set({ ...rowOf(body), updatedAt: sql`now()` })
    .where(eq(movieTable.id, id))
    .returning(movieColumns);
  return row && movieOf(row);
}
