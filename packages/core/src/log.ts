import { pino, stdTimeFunctions } from "pino";
import { allowedFields, LEVELS, LINE_HOOKS, type LogCall } from "./log-line.ts";
import { logOutput } from "./log-output.ts";
import { loggedError } from "./logged-error.ts";
import { activeIds } from "./telemetry/trace.ts";

export type Log = Readonly<Record<(typeof LEVELS)[number], LogCall>>;

/**
 * One JSON object a line (`LogLine`) on standard output, the same in a Lambda and in a container. A line is written
 * before the call returns: the ledger relies on the line of an order whatever happens next. A line that cannot be
 * written must not stop the process.
 */
export function createLog(service: string): Log {
  const { LOG_LEVEL: level = "info" } = process.env;
  const isKnown = [...LEVELS, "silent"].includes(level);
  const log = pino(
    {
      level: isKnown ? level : "info",
      base: { service },
      messageKey: "message",
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: loggedError },
      hooks: LINE_HOOKS,
      mixin: () => allowedFields(activeIds()),
    },
    logOutput,
  );
  // A misspelt LOG_LEVEL must not stop the service.
  if (!isKnown) log.warn(`LOG_LEVEL must be one of ${LEVELS.join(", ")} and silent: taking info`);
  return log;
}
