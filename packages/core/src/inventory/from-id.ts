import { eq } from "drizzle-orm";
import type { Db } from "../database.ts";
import { movieTable } from "./movie.sql.ts";
import type { Movie } from "./movie.ts";
import { movieColumns, movieOf } from "./row.ts";

export async function fromId(db: Db, id: number): Promise<Movie | undefined> {
  const [row] = await db.select(movieColumns).from(movieTable).where(eq(movieTable.id, id));
  return row && movieOf(row);
}
