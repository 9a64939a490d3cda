import { and, asc, gt, ilike } from "drizzle-orm";
import * as z from "zod";
import type { Db } from "../database.ts";
import { storableText } from "../text.ts";
import { Cursor, cursorAfter } from "./cursor.ts";
import { movieColumns, movieTable } from "./movie.sql.ts";
import { Movie } from "./movie.ts";

const LIMIT_MAX = 1_000;
const LIMIT_MESSAGE = `must be a whole number from 1 to ${LIMIT_MAX}`;

export const MovieQuery = z.strictObject({
  /** Part of the title, any case; an empty one matches every movie. */
  title: storableText.max(500).optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, LIMIT_MESSAGE)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= LIMIT_MAX, LIMIT_MESSAGE)
    // Digits are how a query spells the number that they are.
    .meta({ type: "integer", minimum: 1, maximum: LIMIT_MAX, pattern: undefined })
    .optional(),
  cursor: Cursor.optional(),
});
export type MovieQuery = z.output<typeof MovieQuery>;

export const Movies = z.array(Movie).max(LIMIT_MAX);

export interface MoviePage {
  movies: z.output<typeof Movies>;
  /** Where the next page starts; absent on the last. */
  next?: string;
}

/** Movies by ascending id, at most `limit` (1,000) of them. */
export async function list(
  db: Db,
  { title, limit = LIMIT_MAX, cursor = 0 }: MovieQuery = {},
): Promise<MoviePage> {
  const rows = await db
    .select(movieColumns)
    .from(movieTable)
    .where(
      and(gt(movieTable.id, cursor), title ? ilike(movieTable.title, `%${escapeLike(title)}%`) : undefined),
    )
    .orderBy(asc(movieTable.id))
    .limit(limit + 1);
  const movies = rows.slice(0, limit);
  const last = movies.at(-1);
  return rows.length > limit && last ? { movies, next: cursorAfter(last.id) } : { movies };
}

/** The caller's `%` and `_` mean themselves. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
