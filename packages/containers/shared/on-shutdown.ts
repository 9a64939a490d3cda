import { exit } from "@cloud-design/core/exit";
import type { Log } from "@cloud-design/core/log";
import { withDeadline } from "@cloud-design/core/retry";
import { DRAIN_SECONDS } from "./limits.ts";

/** For requests in flight, which take at most 15 s; the rest of the drain time is for the database's 5 s. */
export const REQUESTS_DRAIN_SECONDS = 18;

/** Runs `close` at the first SIGTERM or SIGINT, then exits; a second signal exits at once. */
export function onShutdown(log: Log, close: () => Promise<void>): void {
  let isClosing = false;
  const shutdown = async (signal: NodeJS.Signals) => {
    if (isClosing) process.exit(1);
    isClosing = true;
    log.info({ signal }, "draining");
    try {
      await withDeadline(close(), DRAIN_SECONDS, "The drain");
      log.info("drained");
      exit(0);
    } catch (err) {
      log.error({ err }, "not drained in time; unacknowledged messages go back to the queue");
      exit(1);
    }
  };
  process.on("SIGTERM", shutdown);
  process.on("SIGINT", shutdown);
}
