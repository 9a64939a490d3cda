import { type Logger, pino, stdTimeFunctions } from "pino";
import { loggedError } from "./logged-error.ts";
import { activeIds } from "./telemetry/trace.ts";

export type Log = Logger;

/** One JSON object a line on standard output, the same from a Lambda and from a container. */
export function createLog(service: string): Log {
  return pino({
    level: process.env.LOG_LEVEL ?? "info",
    base: { service },
    messageKey: "message",
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { err: loggedError },
    mixin: activeIds,
  });
}
