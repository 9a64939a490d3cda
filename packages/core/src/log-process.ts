import type { Log } from "./log.ts";

/**
 * What Node would say of this process in words of its own, it says in lines of the log: its warnings, and the failure that nobody caught, with
 * which it ends as it would without. Not for Lambda, whose runtime listens itself and reports the failure.
 */
export function logProcess(log: Log): void {
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn({ err: warning }, "a warning of Node"));
  // Also for rejections: without a listener of their own Node raises them as exceptions.
  process.on("uncaughtException", (error) => {
    try {
      log.fatal({ err: error ?? new Error("nothing was thrown") }, "nobody caught this: the process ends");
    } finally {
      process.exit(1);
    }
  });
}
