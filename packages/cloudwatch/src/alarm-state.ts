export type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type Missing = "missing" | "ignore" | "breaching" | "notBreaching";

/** The number of windows that an alarm evaluates, and its treatment of windows without data. */
export interface Evaluation {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  missing: Missing;
}

/**
 * The number of windows that CloudWatch requests, so that older ones may replace those without data. AWS documents five for three evaluation
 * periods, and says that the number depends on the alarm; for more periods, LocalStack's guess of a third is used.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + Math.max(2, Math.floor(evaluationPeriods / 3));
}

/**
 * The state after the windows of the evaluation range, oldest first; each window breaches, does not, or has no data. By CloudWatch's user guide,
 * "Configuring how CloudWatch alarms treat missing data".
 */
export function nextState(
  windows: readonly (boolean | undefined)[],
  { evaluationPeriods, datapointsToAlarm, missing }: Evaluation,
  before: State,
): State {
  // The newest windows with data count, as many as there are evaluation periods; missing windows count only when there are fewer.
  const real = windows.filter((isBreaching) => isBreaching !== undefined).slice(-evaluationPeriods);
  const filled = evaluationPeriods - real.length;
  const breaching = real.filter(Boolean).length + (missing === "breaching" ? filled : 0);
  if (filled > 0 && (missing === "missing" || missing === "ignore")) {
    if (real.length === 0) return missing === "missing" ? "INSUFFICIENT_DATA" : before;
    if (isOldBreach(windows, datapointsToAlarm)) return missing === "missing" ? "ALARM" : before;
  }
  return breaching >= datapointsToAlarm ? "ALARM" : "OK";
}

/** "Avoiding premature transitions to alarm state": only breaches, and the oldest is at least as old as the data points that the alarm needs. */
function isOldBreach(windows: readonly (boolean | undefined)[], datapointsToAlarm: number): boolean {
  const oldest = windows.findIndex((isBreaching) => isBreaching !== undefined);
  return !windows.includes(false) && windows.length - oldest >= datapointsToAlarm;
}
