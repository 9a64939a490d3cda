import type { Sweeps } from "../leader.ts";

/** Rows of inventory that are past their life, 500 of a table at once. */
export const SWEEPS = {
  movie_requests: "SELECT sweep_movie_requests() AS swept FROM held",
  counted_events: `DELETE FROM counted_events USING held WHERE id IN (
    SELECT id FROM counted_events WHERE counted_at < now() - interval '90 days' LIMIT 500
  )`,
} satisfies Sweeps;
