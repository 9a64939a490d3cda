export type State = "OK" | "ALARM" | "INSUFFICIENT_DATA";
export type Missing = "missing" | "ignore" | "breaching" | "notBreaching";

/** How many windows an alarm looks at, and what it makes of those without data. */
export interface Evaluation {
  evaluationPeriods: number;
  datapointsToAlarm: number;
  missing: Missing;
}

/**
 * How many windows CloudWatch asks for, so that older ones may stand in for those without data. AWS documents five for three evaluation periods and
 * says that it depends; for more of them a third is what LocalStack takes for a fair guess.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + Math.max(2, Math.floor(evaluationPeriods / 3));
}

/**
 * The state after the windows of the evaluation range, oldest first: whether each breaches, or has no data. By CloudWatch's user guide,
 * "Configuring how CloudWatch alarms treat missing data".
 */
export function nextState(
  windows: readonly (boolean | undefined)[],
  { evaluationPeriods, datapointsToAlarm, missing }: Evaluation,
  before: State,
): State {
  // The newest with data count, as many as there are evaluation periods; missing ones only while there are fewer.
  const real = windows.filter((isBreaching) => isBreaching !== undefined).slice(-evaluationPeriods);
  const filled = evaluationPeriods - real.length;
  const breaching = real.filter(Boolean).length + (missing === "breaching" ? filled : 0);
  if (filled > 0 && (missing === "missing" || missing === "ignore")) {
    if (real.length === 0) return missing === "missing" ? "INSUFFICIENT_DATA" : before;
    if (isOldBreach(windows, datapointsToAlarm)) return missing === "missing" ? "ALARM" : before;
  }
  return breaching >= datapointsToAlarm ? "ALARM" : "OK";
}

/** "Avoiding premature transitions to alarm state": nothing but breaches, of which the oldest is as old as the data points that an alarm needs. */
function isOldBreach(windows: readonly (boolean | undefined)[], datapointsToAlarm: number): boolean {
  const oldest = windows.findIndex((isBreaching) => isBreaching !== undefined);
  return !windows.includes(false) && windows.length - oldest >= datapointsToAlarm;
}
