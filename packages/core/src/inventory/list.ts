import { and, desc, lt, lte, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { type Db, prepared } from "../database.ts";
import { Cursor, cursorAfter } from "./cursor.ts";
import { movieTable } from "./movie.sql.ts";
import { Movie, titleText } from "./movie.ts";
import { movieColumns, movieColumnsOf, movieOfValues } from "./row.ts";

const LIMIT_MAX = 1_000;
/**
 * Most bytes of text on one page, over all text columns of a movie. A Lambda answer may have 6 MB, and in JSON within JSON a control
 * character of one byte takes seven. 1,000 of the largest movies would be 256 MB, half of a task's memory.
 */
const PAGE_BYTES_MAX = 768 * 1024;
const BEYOND_ALL_IDS = 2 ** 53;
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
  { title, limit = LIMIT_MAX, cursor = BEYOND_ALL_IDS }: MovieQuery = {},
): Promise<MoviePage> {
  const page = { before: cursor, rows: limit + 1 };
  // One or two rows more than fit, which show that another page follows.
  const found = title
    ? await search(db).execute({ ...page, pattern: `%${escapeLike(title)}%` })
    : await newest(db).execute(page);
  const movies = found.slice(0, Math.min(limit, Math.max(1, countFitting(found))));
  const last = movies.at(-1);
  return found.length > movies.length && last ? { movies, next: cursorAfter(last.id) } : { movies };
}

const newest = prepared((db) => pageOf(db, undefined, "newest movies"));

/** Without a name: the best plan depends on the pattern, so PostgreSQL plans each search by itself. */
const search = prepared((db) =>
  pageOf(db, sql`lower(${movieTable.title}) like lower(${sql.placeholder("pattern")})`, undefined),
);

/** It has a mapper of its own: Drizzle's would take most of the time of 1,000 rows. */
function pageOf(db: Db, condition: SQL | undefined, name: string | undefined) {
  const candidates = db
    .select({ ...movieColumns, bytesEarlier })
    .from(movieTable)
    .where(and(lt(movieTable.id, sql.placeholder("before")), condition))
    .orderBy(desc(movieTable.id))
    .limit(sql.placeholder("rows"))
    .as("candidates");
  const query = db
    .select(movieColumnsOf(candidates))
    .from(candidates)
    .where(lte(candidates.bytesEarlier, PAGE_BYTES_MAX))
    .orderBy(desc(candidates.id));
  return db._.session.prepareQuery<{ execute: Movie[]; all: never; values: never }>(
    query.toSQL(),
    undefined,
    name,
    true,
    (rows) => rows.map(movieOfValues),
  );
}

const TEXTS = Object.values(movieColumns).filter(({ dataType }) => dataType === "string");

/**
 * The bytes of all rows before the previous one, so that even a first movie that exceeds the limit alone is followed by
 * one more row. PostgreSQL knows the lengths without reading the texts.
 */
const bytesEarlier = sql<number>`
  coalesce(sum(${sql.join(
    TEXTS.map((column) => sql`coalesce(octet_length(${column}::text), 0)`),
    sql` + `,
  )})
  over (order by ${movieTable.id} desc rows between unbounded preceding and 2 preceding), 0)`.as(
  "bytes_earlier",
);

function countFitting(movies: readonly Movie[]): number {
  const total = (movie: Movie, measure: (text: string) => number) =>
    TEXTS.reduce((sum, { name }) => sum + measure(String(movie[name as keyof Movie] ?? "")), 0);
  let units = 0;
  for (const movie of movies) units += total(movie, (text) => text.length);
  // Most pages: UTF-8 has at most three bytes for each unit of UTF-16, and to count bytes takes longer.
  if (units * 3 <= PAGE_BYTES_MAX) return movies.length;
  let bytes = 0;
  const tooMuch = movies.findIndex((movie) => {
    bytes += total(movie, (text) => Buffer.byteLength(text));
    return bytes > PAGE_BYTES_MAX;
  });
  return tooMuch === -1 ? movies.length : tooMuch;
}

/** The caller's `%` and `_` are literal characters. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
