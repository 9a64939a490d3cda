import { LEVELS, type LogCall, lineOf } from "./log-line.ts";
import { logOutput } from "./log-output.ts";

export type Log = Readonly<Record<(typeof LEVELS)[number], LogCall>>;

/**
 * One JSON object a line (`LogLine`) on standard output, the same in a Lambda and in a container. A line is written
 * before the call returns: the ledger relies on the line of an order whatever happens next. A line that cannot be
 * written must not stop the process.
 */
export function createLog(service: string): Log {
  const { LOG_LEVEL = "info" } = process.env;
  const levels: readonly string[] = [...LEVELS, "silent"];
  const isKnown = levels.includes(LOG_LEVEL);
  const lowest = levels.indexOf(isKnown ? LOG_LEVEL : "info");
  const log = Object.fromEntries(
    LEVELS.map((level, place) => [
      level,
      place < lowest ? () => {} : (...args: unknown[]) => logOutput.write(lineOf(level, service, args)),
    ]),
  ) as Log;
  // A misspelt LOG_LEVEL must not stop the service.
  if (!isKnown) log.warn(`LOG_LEVEL must be one of ${LEVELS.join(", ")} and silent: taking info`);
  return log;
}
