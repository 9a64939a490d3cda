import { HOURS_A_MONTH, totalOf } from "../prices.ts";
import type { Preset } from "../settings.ts";
import { IDLE } from "./idle.ts";

/**
 * A quarter above the month without requests: a quiet month's requests and the tasks of a few busy hours fit in. A forgotten load test, or a
 * second stage's worth of a mistake, does not.
 */
const MARGIN = 1.25;
const STEP_USD = 5;

/** The monthly budget of a stage in USD, computed from its bill. */
export function budgetUsd(preset: Preset): number {
  return STEP_USD * Math.ceil((MARGIN * totalOf(IDLE[preset])) / STEP_USD);
}

/**
 * The impact in USD from which an anomaly of the costs is worth a message: as much as the stage costs in a day without requests. Smaller ones
 * stay on AWS's page of anomalies.
 */
export function anomalyUsd(preset: Preset): number {
  return Math.ceil((totalOf(IDLE[preset]) * 24) / HOURS_A_MONTH);
}
