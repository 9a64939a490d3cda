import type { Sweeps } from "../leader.ts";

/** Rows of inventory that are past their life: 500 of a table at once, or ten imports, which may have 1,000 chunks each. */
export const SWEEPS = {
  movie_requests: "SELECT sweep_movie_requests() AS swept FROM held",
  counted_events: `
    DELETE FROM counted_events USING held
    WHERE id IN (SELECT id FROM counted_events WHERE counted_at < now() - interval '90 days' LIMIT 500)`,
  // Longer than S3 keeps their files and SQS their messages. The marks of their chunks go with them, and the movies stay.
  imports: `
    DELETE FROM imports USING held
    WHERE id IN (SELECT id FROM imports WHERE progressed_at < now() - interval '30 days' LIMIT 10)`,
} satisfies Sweeps;
