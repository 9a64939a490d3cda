import type { Sweeps } from "../leader.ts";

/** Rows of billing that are past their life, 500 rejections at once. */
export const SWEEPS: Sweeps = {
  rejections: "SELECT sweep_rejections() AS swept FROM held",
  // Marks whose messages left the queue on another way, as when it was purged.
  attempts: "DELETE FROM attempts USING held WHERE started_at < now() - interval '1 day'",
};
