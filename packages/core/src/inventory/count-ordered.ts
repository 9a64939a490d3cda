import { sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { countedEventTable } from "./movie.sql.ts";

/** The queue of RabbitMQ on which inventory hears the events that it counts. */
export const POPULARITY_QUEUE = "inventory.popularity";

export interface OrderedMovie {
  /** The event's id, by which it counts once. */
  eventId: string;
  movieId: number;
}

/**
 * Adds to each movie how often it was ordered, and notes the events, all in one statement. Returns how many of the
 * events had not been counted before. An unknown movie counts for nothing.
 */
export async function countOrdered(db: Db, ordered: readonly OrderedMovie[]): Promise<number> {
  const heard = ordered.map(({ eventId, movieId }) => ({ id: eventId, movie_id: movieId }));
  const [row] = await db.execute<{ fresh: number }>(sql`
    WITH heard AS (
      SELECT DISTINCT id, movie_id FROM json_to_recordset(${JSON.stringify(heard)}) AS heard (id text, movie_id bigint)
    ), fresh AS (
      INSERT INTO ${countedEventTable} (id) SELECT id FROM heard ORDER BY id ON CONFLICT DO NOTHING RETURNING id
    ), ordered AS (
      SELECT movie_id, count(*)::integer AS times FROM heard JOIN fresh USING (id) GROUP BY movie_id
    ), locked AS MATERIALIZED (
      -- All tasks lock in this order: otherwise two could wait for each other.
      SELECT id FROM movies WHERE id IN (SELECT movie_id FROM ordered) ORDER BY id FOR NO KEY UPDATE
    ), counted AS (
      UPDATE movies SET times_ordered = times_ordered + times
      FROM locked JOIN ordered ON movie_id = locked.id
      WHERE movies.id = locked.id
    )
    SELECT count(*)::integer AS fresh FROM fresh`);
  return row?.fresh ?? 0;
}
