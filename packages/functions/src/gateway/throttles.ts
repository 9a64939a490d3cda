import { PUBLIC, type Route } from "./routes.ts";

/** Requests a second over all callers of a route, and how many of them may come at once. */
export interface Throttle {
  rate: number;
  burst: number;
}

/**
 * The throttle of each class of routes; each route counts for itself. The same numbers on AWS and on the laptop. The firewall limits each caller by
 * address.
 */
export const THROTTLES = {
  // A list of 1,000 movies costs inventory as much as 16 reads of one. The two tasks that prod always has do 440 a second, and 220 leave them half of
  // their time for other reads while scaling starts a third (docs/scaling.md). GET and HEAD together ask for no more than the two tasks can do.
  list: { rate: 220, burst: 440 },
  read: { rate: 500, burst: 1_000 },
  // 360,000 orders an hour.
  write: { rate: 100, burst: 200 },
  // Emptying the store twice a second is never needed.
  admin: { rate: 1, burst: 2 },
  // Routes without a token: probes, the status, the 405 for unknown methods.
  public: { rate: 50, burst: 100 },
} as const satisfies Record<string, Throttle>;

export type RouteClass = keyof typeof THROTTLES;

export function classOf({ key, access }: Route): RouteClass {
  if (access === PUBLIC) return "public";
  if (access === "movies.read" && key.endsWith(" /api/movies")) return "list";
  // By method and not by scope: the scope to write movies also reads imports.
  if (/^(?:GET|HEAD) /.test(key)) return "read";
  return access === "movies.admin" ? "admin" : "write";
}
