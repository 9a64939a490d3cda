import type { Log } from "@cloud-design/core/log";

const SWEEP_MS = 60 * 60 * 1_000;

/**
 * Deletes rows that are past their life, at the start and each hour. Several processes may do so at the same time: each
 * step is one short statement that deletes at most 500 rows and returns how many, and deleting a row again does nothing.
 */
export function startSweeper({ step, log }: { step: () => Promise<number>; log: Log }): void {
  const sweep = async () => {
    try {
      while ((await step()) > 0);
    } catch (err) {
      log.warn({ err }, "old rows stay until the next sweep");
    }
  };
  void sweep();
  setInterval(sweep, SWEEP_MS).unref();
}
