import { type SQL, sql } from "drizzle-orm";
import { movieTable } from "./movie.sql.ts";
import { Movie, MovieBody } from "./movie.ts";

/** The same fields as a row has them: null where a movie has no value. */
type Row<T> = {
  [Field in keyof T]-?: undefined extends T[Field] ? Exclude<T[Field], undefined> | null : T[Field];
};

/** The columns of a movie's fields in a table or a subquery. The type check refuses one that lacks a field. */
export function movieColumnsOf<T extends Record<keyof Movie, unknown>>(source: T): Pick<T, keyof Movie> {
  const fields = Object.keys(Movie.shape) as (keyof Movie)[];
  return Object.fromEntries(fields.map((field) => [field, source[field]])) as Pick<T, keyof Movie>;
}

export const movieColumns = movieColumnsOf(movieTable);

export const bodyFields = Object.keys(MovieBody.shape) as (keyof MovieBody)[];

/** The values of a body in a prepared statement, which gets them from `rowOf`. */
export const bodyPlaceholders = Object.fromEntries(
  bodyFields.map((field) => [field, sql`${sql.param(sql.placeholder(field), movieTable[field])}`]),
) as Record<keyof MovieBody, SQL>;

/** The values that a body sets. A field that the body lacks becomes null, because PUT replaces the whole movie. */
export function rowOf(body: MovieBody): Row<MovieBody> {
  return Object.fromEntries(bodyFields.map((field) => [field, body[field] ?? null])) as Row<MovieBody>;
}

/** The movie of a row. A field without a value is absent, as in the request that stored it. */
export function movieOf(row: Row<Movie>): Movie {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Movie;
}

const fields = Object.entries(movieColumns);

/** The same from the values of `movieColumns`, as the driver gives them. */
export function movieOfValues(values: readonly unknown[]): Movie {
  const movie: Record<string, unknown> = {};
  let index = 0;
  for (const [field, column] of fields) {
    const value = values[index++];
    if (value !== null) movie[field] = column.mapFromDriverValue(value);
  }
  return movie as Movie;
}
