import * as Billing from "@cloud-design/core/billing";
import type { Database } from "@cloud-design/core/database";
import type { Log } from "@cloud-design/core/log";

const SWEEP_MS = 60 * 60 * 1_000;

/**
 * Deletes rows that are past their life, at the start and each hour. Several processes may do so at the same time: each
 * deletion is one short statement, and deleting a row again does nothing.
 */
export function startSweeper({ database, log }: { database: Database; log: Log }): void {
  const sweep = async () => {
    try {
      await database.run(Billing.sweepAttempts);
      while ((await database.run(Billing.sweepRejections)) > 0);
    } catch (err) {
      log.warn({ err }, "old rows stay until the next sweep");
    }
  };
  void sweep();
  setInterval(sweep, SWEEP_MS).unref();
}
