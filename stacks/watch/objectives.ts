/** The objectives of the platform over 30 days: docs/slos.md has the reason for each target. */
export const OBJECTIVES = {
  reads: { target: 99.9, promise: "of reads are answered without a 5xx" },
  acceptance: { target: 99.9, promise: "of orders are accepted without a 5xx or a 429" },
  freshness: { target: 99, promise: "of recorded orders are recorded within 5 s of their acceptance" },
} as const;

export type Objective = keyof typeof OBJECTIVES;

/** The period of a target, in days. */
export const WINDOW_DAYS = 30;

/**
 * Billing reports each order by the upper bound of its histogram bucket: 5 s for the last one in time, 10 s for the first late one. This limit
 * lies between them, so rounding within CloudWatch does not matter.
 */
export const FRESH_BELOW_SECONDS = 7;

/**
 * When an alarm on a burn rate rings (Google SRE workbook, "Alerting on SLOs", table 5-8). A burn rate is a multiple of the spending that the
 * target allows. The long window makes the alarm significant; the short one ends it soon after its cause.
 */
export const BURNS = {
  /** 2 % of the month's budget in an hour; the whole budget in two days. */
  fast: { rate: 14.4, longMinutes: 60, shortMinutes: 5 },
  /** 5 % of the budget in six hours; the whole budget in five days. */
  slow: { rate: 6, longMinutes: 360, shortMinutes: 30 },
} as const;

/** The bad answers in the long window below which there is no rate: with little traffic, a single one would spend a month's budget. */
export const BAD_MIN = 5;

/** The share of requests that may be bad, in percent. */
export function budgetPercent(objective: Objective): number {
  // 100 - 99.9 is 0.09999999999999432.
  return Number((100 - OBJECTIVES[objective].target).toFixed(3));
}
