import { eq, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { movieColumns, movieTable } from "./movie.sql.ts";
import type { Movie, MovieBody } from "./movie.ts";

/** Replaces title and description; undefined when the movie does not exist. */
export async function update(db: Db, id: number, body: MovieBody): Promise<Movie | undefined> {
  const [movie] = await db
    .update(movieTable)
    .set({ ...body, updatedAt: sql`now()` })
    .where(eq(movieTable.id, id))
    .returning(movieColumns);
  return movie;
}
