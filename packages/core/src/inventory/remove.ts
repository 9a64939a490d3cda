import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import { type Db, prepared } from "../database.ts";
import { movieTable } from "./movie.sql.ts";
import type { Movie } from "./movie.ts";
import { movieColumns, movieOf } from "./row.ts";

export const Deleted = z.object({ deleted: z.int().min(0).meta({ description: "How many there were." }) });
export type Deleted = z.output<typeof Deleted>;

/** Deletes one movie and returns it; undefined when the movie does not exist. */
export async function remove(db: Db, id: number): Promise<Movie | undefined> {
  const [row] = await removeOne(db).execute({ id });
  return row && movieOf(row);
}

const removeOne = prepared((db) =>
  db
    .delete(movieTable)
    .where(eq(movieTable.id, sql.placeholder("id")))
    .returning(movieColumns)
    .prepare("remove movie"),
);

/** Deletes every movie; returns how many were deleted. */
export async function removeAll(db: Db): Promise<number> {
  const { count } = await db.delete(movieTable);
  return count;
}
