import { and, type Column, desc, lte, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { type Db, prepared } from "../database.ts";
import { Cursor, cursorAfter, type Place } from "./cursor.ts";
import { movieTable } from "./movie.sql.ts";
import { Movie, titleText } from "./movie.ts";
import { movieColumns, movieColumnsOf, movieOfValues } from "./row.ts";

const LIMIT_MAX = 1_000;
/**
 * Most bytes of text on one page, over all text columns of a movie. A Lambda answer may have 6 MB, and in JSON within JSON a control
 * character of one byte takes seven. 1,000 of the largest movies would be 256 MB, half of a task's memory.
 */
const PAGE_BYTES_MAX = 768 * 1024;
const LIMIT_MESSAGE = `must be a whole number from 1 to ${LIMIT_MAX}`;

/** The order of a list. Each ends in the id, so that no two movies have one place. */
const SORTS = {
  newest: { columns: { id: movieTable.id }, beginning: [2 ** 53] },
  popular: {
    columns: { timesOrdered: movieTable.timesOrdered, id: movieTable.id },
    beginning: [2 ** 31 - 1, 2 ** 53],
  },
} as const satisfies Record<string, { columns: object; beginning: Place }>;
type Sort = keyof typeof SORTS;

/** Whether each number fits its column: anyone can compute the checksum of a cursor. */
function isPlaceIn(sort: Sort, place: Place): boolean {
  const beginning: Place = SORTS[sort].beginning;
  return place.length === beginning.length && place.every((value, index) => value <= (beginning[index] ?? 0));
}

export const MovieQuery = z
  .strictObject({
    /** Part of the title, any case; an empty one matches every movie. */
    title: titleText.optional(),
    sort: z.enum(["newest", "popular"]).optional(),
    limit: z
      .string()
      .regex(/^\d{1,4}$/, LIMIT_MESSAGE)
      .transform(Number)
      .refine((limit) => limit >= 1 && limit <= LIMIT_MAX, LIMIT_MESSAGE)
      // A query spells the number in digits.
      .meta({ type: "integer", minimum: 1, maximum: LIMIT_MAX, pattern: undefined })
      .optional(),
    cursor: Cursor.optional(),
  })
  .refine(({ sort = "newest", cursor }) => !cursor || isPlaceIn(sort, cursor), {
    path: ["cursor"],
    message: "belongs to another sort",
  });
export type MovieQuery = z.output<typeof MovieQuery>;

export const Movies = z.array(Movie).max(LIMIT_MAX);

export interface MoviePage {
  movies: z.output<typeof Movies>;
  /** The cursor of the next page; absent on the last. */
  next?: string;
}

/**
 * Lists movies, newest first or most often ordered first: at most `limit` (1,000), at most PAGE_BYTES_MAX of text, and
 * at least one if any match. A movie that is ordered between two pages may be on both, or on neither.
 */
export async function list(
  db: Db,
  { title, sort = "newest", limit = LIMIT_MAX, cursor = SORTS[sort].beginning }: MovieQuery = {},
): Promise<MoviePage> {
  const page = {
    ...Object.fromEntries(cursor.map((value, index) => [`after${index}`, value])),
    rows: limit + 1,
  };
  // One or two rows more than fit, which show that another page follows.
  const { found, placeOf } = title
    ? await search[sort](db).execute({ ...page, pattern: `%${escapeLike(title)}%` })
    : await all[sort](db).execute(page);
  const movies = found.slice(0, Math.min(limit, Math.max(1, countFitting(found))));
  const isLast = movies.length === found.length;
  return isLast ? { movies } : { movies, next: cursorAfter(placeOf(movies.length - 1)) };
}

interface Found {
  found: Movie[];
  placeOf: (index: number) => Place;
}

const all = {
  newest: prepared((db) => pageOf(db, "newest", undefined, "newest movies")),
  popular: prepared((db) => pageOf(db, "popular", undefined, "popular movies")),
};

const titleMatches = sql`lower(${movieTable.title}) like lower(${sql.placeholder("pattern")})`;

/** Without a name: the best plan depends on the pattern, so PostgreSQL plans each search by itself. */
const search = {
  newest: prepared((db) => pageOf(db, "newest", titleMatches, undefined)),
  popular: prepared((db) => pageOf(db, "popular", titleMatches, undefined)),
};

/** It has a mapper of its own: Drizzle's would take most of the time of 1,000 rows. */
function pageOf(db: Db, sort: Sort, condition: SQL | undefined, name: string | undefined) {
  const { columns } = SORTS[sort];
  const order = Object.values(columns);
  const after = order.map((_, index) => sql.placeholder(`after${index}`));
  const candidates = db
    .select({ ...movieColumns, ...columns, bytesEarlier: bytesEarlier(order) })
    .from(movieTable)
    .where(and(sql`(${sql.join(order, sql`, `)}) < (${sql.join(after, sql`, `)})`, condition))
    .orderBy(...order.map((column) => desc(column)))
    .limit(sql.placeholder("rows"))
    .as("candidates");
  const places = Object.keys(columns).map((column) => candidates[column as keyof typeof columns]);
  const query = db
    .select({
      ...movieColumnsOf(candidates),
      ...Object.fromEntries(places.map((column, index) => [`place${index}`, column])),
    })
    .from(candidates)
    .where(lte(candidates.bytesEarlier, PAGE_BYTES_MAX))
    .orderBy(...places.map((column) => desc(column)));
  const placeOf = (values: readonly unknown[] = []) => values.slice(-places.length).map(Number);
  return db._.session.prepareQuery<{ execute: Found; all: never; values: never }>(
    query.toSQL(),
    undefined,
    name,
    true,
    (rows) => ({ found: rows.map(movieOfValues), placeOf: (index) => placeOf(rows[index]) }),
  );
}

const TEXTS = Object.values(movieColumns).filter(({ dataType }) => dataType === "string");

/**
 * The bytes of all rows before the previous one, so that even a first movie that exceeds the limit alone is followed by
 * one more row. PostgreSQL knows the lengths without reading the texts.
 */
const bytesEarlier = (order: readonly Column[]) =>
  sql<number>`
  coalesce(sum(${sql.join(
    TEXTS.map((column) => sql`coalesce(octet_length(${column}::text), 0)`),
    sql` + `,
  )})
  over (order by ${sql.join(
    order.map((column) => desc(column)),
    sql`, `,
  )} rows between unbounded preceding and 2 preceding), 0)`.as("bytes_earlier");

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
