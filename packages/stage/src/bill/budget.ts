import { HOURS_A_MONTH, PRICED_REGION, totalOf } from "../prices.ts";
import type { BillLine } from "./bill.ts";

/**
 * A quarter above the month without requests: a quiet month's requests and the tasks of a few busy hours fit in. A forgotten load test, or a
 * second stage's worth of a mistake, does not.
 */
const MARGIN = 1.25;
const STEP_USD = 5;
/** Other regions are dearer by so much at most, with few exceptions. */
const DEARER_ELSEWHERE = 1.2;

/** The monthly budget of a stage of this region in USD, from its bill for a month without requests. */
export function budgetUsd(lines: readonly BillLine[], region: string): number {
  const usd = totalOf(lines) * (region === PRICED_REGION ? 1 : DEARER_ELSEWHERE);
  return STEP_USD * Math.ceil((MARGIN * usd) / STEP_USD);
}

/**
 * The impact in USD from which an anomaly of the costs is worth a message: as much as the stage costs in a day without requests. Smaller ones
 * stay on AWS's page of anomalies.
 */
export function anomalyUsd(lines: readonly BillLine[]): number {
  return Math.ceil((totalOf(lines) * 24) / HOURS_A_MONTH);
}
