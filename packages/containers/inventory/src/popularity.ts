import type { Database } from "@cloud-design/core/database";
import * as Inventory from "@cloud-design/core/inventory";
import type { Hear } from "./subscriber.ts";

/** Counts how often each movie is ordered. Orders without a `movie_id` change nothing. */
export function countPopularity(database: Database): Hear {
  return async (events) => {
    const ordered = events.flatMap((event) => {
      if (event.type !== "order.recorded" || event.order.movie_id === undefined) return [];
      return [{ eventId: event.id, movieId: event.order.movie_id }];
    });
    if (ordered.length > 0) await database.run((db) => Inventory.countOrdered(db, ordered));
  };
}
