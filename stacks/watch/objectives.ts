/** What callers may expect of the platform over 30 days: docs/slos.md says why each target is what it is. */
export const OBJECTIVES = {
  reads: { target: 99.9, promise: "of reads are answered without a 5xx" },
  acceptance: { target: 99.9, promise: "of orders are accepted without a 5xx" },
  freshness: { target: 99, promise: "of recorded orders are recorded within 5 s of their acceptance" },
} as const;

export type Objective = keyof typeof OBJECTIVES;

/** The days over which a target is meant. */
export const WINDOW_DAYS = 30;

/**
 * Billing reports each order by the upper bound of its bucket: 5 s for the last that is fresh, 10 s for the first that is late. This lies
 * between, where no rounding within CloudWatch can matter.
 */
export const FRESH_BELOW_SECONDS = 7;

/**
 * When to wake somebody, by how many times faster than the target allows the budget is being spent (Google SRE workbook, "Alerting on SLOs", table
 * 5-8). Over the long window it is worth it; over the short one it still goes on, so that the alarm is over soon after its cause.
 */
export const BURNS = {
  /** 2 % of the month's budget in an hour; all of it in two days. */
  fast: { rate: 14.4, longMinutes: 60, shortMinutes: 5 },
  /** 5 % of it in six hours; all of it in five days. */
  slow: { rate: 6, longMinutes: 360, shortMinutes: 30 },
} as const;

/** Bad answers in the long window that make a rate: with little traffic, one alone would be a month's budget. */
export const BAD_MIN = 5;

/** The share that may be bad, in percent. */
export function budgetPercent(objective: Objective): number {
  // 100 - 99.9 is 0.09999999999999432.
  return Number((100 - OBJECTIVES[objective].target).toFixed(3));
}
