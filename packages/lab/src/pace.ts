import { setTimeout as sleep } from "node:timers/promises";

export interface OpenLoop {
  /** Starts one more piece of work at once; `stop` waits for it too, and its failure is left to the caller. */
  begin<T>(work: () => Promise<T>): Promise<T>;
  /** Starts no new work. Resolves once all started work has ended; rejects with the first failure of work that was started by the pace. */
  stop(): Promise<void>;
}

interface Options {
  /** When in its interval a piece of work starts, from 0 to 1; by default at the beginning. */
  offset?: () => number;
  clock?: { now(): number; sleep(milliseconds: number, signal: AbortSignal): Promise<unknown> };
}

const CLOCK = {
  now: () => performance.now(),
  sleep: (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal }),
};

/**
 * An open loop: starts work at a steady rate until it is stopped, whatever becomes of the work before. Starts that are overdue follow at
 * once. A rate of 0 starts nothing.
 */
export function keepPace(
  perSecond: number,
  work: () => Promise<unknown>,
  { offset = () => 0, clock = CLOCK }: Options = {},
): OpenLoop {
  const over = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const failures: unknown[] = [];

  function begin<T>(one: () => Promise<T>): Promise<T> {
    const started = (async () => one())();
    const ended: Promise<unknown> = started.then(
      () => underWay.delete(ended),
      () => underWay.delete(ended),
    );
    underWay.add(ended);
    return started;
  }

  const pace = (async () => {
    const startedAt = clock.now();
    for (let turn = 0; perSecond > 0; turn++) {
      const due = startedAt + ((turn + offset()) * 1_000) / perSecond;
      await clock.sleep(Math.max(0, due - clock.now()), over.signal).catch(() => {});
      if (over.signal.aborted) return;
      begin(work).catch((error: unknown) => failures.push(error));
    }
  })();

  return {
    begin,
    async stop() {
      over.abort();
      await pace;
      await Promise.all(underWay);
      if (failures.length > 0) throw failures[0];
    },
  };
}
