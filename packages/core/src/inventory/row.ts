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

/** The columns that a body sets. A field that the body lacks becomes null, because PUT replaces the whole movie. */
export function rowOf(body: MovieBody): Row<MovieBody> {
  const fields = Object.keys(MovieBody.shape) as (keyof MovieBody)[];
  return Object.fromEntries(fields.map((field) => [field, body[field] ?? null])) as Row<MovieBody>;
}

/** The movie of a row. A field without a value is absent, as in the request that stored it. */
export function movieOf(row: Row<Movie>): Movie {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Movie;
}
