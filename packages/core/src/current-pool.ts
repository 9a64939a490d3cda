import { openPool, type Pool, type PoolOptions } from "./pool.ts";
import { count } from "./telemetry/index.ts";

/** The pool in use: opened by the first caller, and again after it was discarded. */
export interface CurrentPool {
  acquire(): Promise<Pool>;
  /**
   * Discards the whole pool, since postgres.js cannot drop one connection: when one is silent, read-only or refused,
   * the others are too. Does nothing when another pool has taken its place. Queries that run have `drainSeconds` to end.
   */
  discard(broken: Promise<Pool>, drainSeconds: number): void;
  close(): Promise<void>;
}

export function createCurrentPool(options: PoolOptions): CurrentPool {
  let current: Promise<Pool> | undefined;

  function discard(broken: Promise<Pool>, drainSeconds: number): void {
    if (broken !== current) return;
    current = undefined;
    count("database.pool.discarded");
    void broken.then(({ sql }) => sql.end({ timeout: drainSeconds })).catch(() => {});
  }

  return {
    acquire() {
      if (!current) {
        const opening = openPool(options);
        current = opening;
        opening.catch(() => discard(opening, 0));
      }
      return current;
    },
    discard,
    async close() {
      await current?.then(({ sql }) => sql.end({ timeout: 5 })).catch(() => {});
    },
  };
}
