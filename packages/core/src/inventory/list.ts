import { and, desc, ilike, lt, lte, sql } from "drizzle-orm";
import * as z from "zod";
import type { Db } from "../database.ts";
import { Cursor, cursorAfter } from "./cursor.ts";
import { movieTable } from "./movie.sql.ts";
import { Movie, titleText } from "./movie.ts";
import { movieColumns, movieColumnsOf, movieOf } from "./row.ts";

const LIMIT_MAX = 1_000;
/**
 * Most bytes of text on one page, over all text columns of a movie. A Lambda answer may have 6 MB, and in JSON within JSON a control
 * character of one byte takes seven. 1,000 of the largest movies would be 256 MB, half of a task's memory.
 */
const PAGE_BYTES_MAX = 768 * 1024;
const LIMIT_MESSAGE = `must be a whole number from 1 to ${LIMIT_MAX}`;

export const MovieQuery = z.strictObject({
  /** Part of the title, any case; an empty one matches every movie. */
  title: titleText.optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, LIMIT_MESSAGE)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= LIMIT_MAX, LIMIT_MESSAGE)
    // A query spells the number in digits.
    .meta({ type: "integer", minimum: 1, maximum: LIMIT_MAX, pattern: undefined })
    .optional(),
  cursor: Cursor.optional(),
});
export type MovieQuery = z.output<typeof MovieQuery>;

export const Movies = z.array(Movie).max(LIMIT_MAX);

export interface MoviePage {
  movies: z.output<typeof Movies>;
  /** The cursor of the next page; absent on the last. */
  next?: string;
}

/** Lists movies, newest first: at most `limit` (1,000), at most PAGE_BYTES_MAX of text, and at least one if any match. */
export async function list(
  db: Db,
  { title, limit = LIMIT_MAX, cursor }: MovieQuery = {},
): Promise<MoviePage> {
  const candidates = db
    .select({ ...movieColumns, bytesEarlier })
    .from(movieTable)
    .where(
      and(
        cursor === undefined ? undefined : lt(movieTable.id, cursor),
        title ? ilike(movieTable.title, `%${escapeLike(title)}%`) : undefined,
      ),
    )
    .orderBy(desc(movieTable.id))
    .limit(limit + 1)
    .as("candidates");
  // One or two rows more than fit, which show that another page follows.
  const rows = await db
    .select(movieColumnsOf(candidates))
    .from(candidates)
    .where(lte(candidates.bytesEarlier, PAGE_BYTES_MAX))
    .orderBy(desc(candidates.id));
  const movies = rows.slice(0, Math.min(limit, Math.max(1, countFitting(rows)))).map(movieOf);
  const last = movies.at(-1);
  return rows.length > movies.length && last ? { movies, next: cursorAfter(last.id) } : { movies };
}

const textBytes = Object.values(movieColumns)
  .filter(({ dataType }) => dataType === "string")
  .map((column) => sql`coalesce(octet_length(${column}::text), 0)`);

/**
 * The bytes of all rows before the previous one, so that even a first movie that exceeds the limit alone is followed by
 * one more row. PostgreSQL knows the lengths without reading the texts.
 */
const bytesEarlier = sql<number>`
  coalesce(sum(${sql.join(textBytes, sql` + `)})
  over (order by ${movieTable.id} desc rows between unbounded preceding and 2 preceding), 0)`.as(
  "bytes_earlier",
);

function countFitting(rows: readonly object[]): number {
  let bytes = 0;
  const tooMuch = rows.findIndex((row) => {
    for (const value of Object.values(row)) if (typeof value === "string") bytes += Buffer.byteLength(value);
    return bytes > PAGE_BYTES_MAX;
  });
  return tooMuch === -1 ? rows.length : tooMuch;
}

/** The caller's `%` and `_` are literal characters. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
