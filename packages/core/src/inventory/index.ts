export { IdempotencyKey } from "../idempotency-key.ts";
export * from "./create.ts";
export * from "./from-id.ts";
export * from "./list.ts";
export { MOVIE_BYTES_MAX, type Movie, MovieBody, MovieId } from "./movie.ts";
export * from "./remove.ts";
export * from "./update.ts";
