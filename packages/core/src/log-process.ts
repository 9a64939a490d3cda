import type { Log } from "./log.ts";

/**
 * Writes Node's own messages about this process as lines of the log: warnings, and an uncaught error, after which the
 * process ends as it would without this. Not for Lambda, whose runtime has its own listeners and reports the failure.
 */
export function logProcess(log: Log): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn({ err: warning }, "a warning of Node"));
  // Also for rejections: Node raises an unhandled rejection as an exception.
  process.on("uncaughtException", (error) => {
    try {
      log.fatal({ err: error ?? new Error("nothing was thrown") }, "uncaught error: the process ends");
    } finally {
      process.exit(1);
    }
  });
}
