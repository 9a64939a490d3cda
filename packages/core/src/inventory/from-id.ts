import { eq } from "drizzle-orm";
import type { Db } from "../database.ts";
import { movieColumns, movieTable } from "./movie.sql.ts";
import type { Movie } from "./movie.ts";

export async function fromId(db: Db, id: number): Promise<Movie | undefined> {
  const [movie] = await db.select(movieColumns).from(movieTable).where(eq(movieTable.id, id));
  return movie;
}
