import type { Sweeps } from "../leader.ts";

/** Rows of inventory that are past their life, 500 idempotency keys at once. */
export const SWEEPS: Sweeps = {
  movie_requests: "SELECT sweep_movie_requests() AS swept FROM held",
};
