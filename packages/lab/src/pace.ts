import { setTimeout as sleep } from "node:timers/promises";

export interface OpenLoop {
  /** Starts one more piece of work at once; `stop` waits for it too, and its failure is left to the caller. */
  begin<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves once the last piece of work was started, or the loop was stopped. */
  started: Promise<void>;
  /** Starts no new work. Resolves once all started work has ended; rejects with the first failure of work that was started by the pace. */
  stop(): Promise<void>;
}

interface Clock {
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<unknown>;
}

interface Options {
  /** When in its interval a piece of work starts, from 0 to 1; by default at the beginning. */
  offset?: () => number;
  clock?: Clock;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal }),
};

/** An open loop: starts a piece of work at a steady rate until it is stopped, whatever becomes of the work before. A rate of 0 starts nothing. */
export function keepPace(
  perSecond: number,
  work: () => Promise<unknown>,
  { offset = () => 0, clock = CLOCK }: Options = {},
): OpenLoop {
  function* times() {
    for (let turn = 0; perSecond > 0; turn++) yield ((turn + offset()) * 1_000) / perSecond;
  }
  return keepTimes(times(), work, clock);
}

/** An open loop: starts a piece of work at each of these times, in milliseconds from now; overdue ones follow at once. The work is told when it was due. */
export function keepTimes(
  times: Iterable<number>,
  work: (due: number) => Promise<unknown>,
  clock = CLOCK,
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

  const startedAt = clock.now();
  const started = (async () => {
    for (const time of times) {
      const due = startedAt + time;
      await clock.sleep(Math.max(0, due - clock.now()), over.signal).catch(() => {});
      if (over.signal.aborted) return;
      begin(() => work(due)).catch((error: unknown) => failures.push(error));
    }
  })();

  return {
    begin,
    started,
    async stop() {
      over.abort();
      await started;
      await Promise.all(underWay);
      if (failures.length > 0) throw failures[0];
    },
  };
}
