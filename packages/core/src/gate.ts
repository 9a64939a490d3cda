/** The one who waits for an answer, such as a `Request`. The signal is aborted when they have gone. */
export interface Asker {
  readonly signal: AbortSignal;
}

/** No turn: too many wait already, the wait took too long, or the asker has gone. The work was not begun. */
export class NoTurnError extends Error {
  override name = "NoTurnError";
  readonly reason: "full" | "late" | "gone";

  constructor(reason: NoTurnError["reason"]) {
    super(`no turn: ${reason}`);
    this.reason = reason;
  }
}

export interface GateLimits {
  runningMax: number;
  /** With so many waiting, an asker is refused at once. */
  waitingMax: number;
  /** The longest wait of an asker. */
  waitSeconds: number;
}

/**
 * Runs at most `runningMax` pieces of work at the same time; further ones wait for their turn, in order. Work for an
 * asker is refused with `NoTurnError` beyond the limits of waiting; other work waits for as long as it takes.
 */
export function createGate({ runningMax, waitingMax, waitSeconds }: GateLimits) {
  // In the order of arrival, and each can leave.
  const waiting = new Set<() => void>();
  let running = 0;

  function turn(asker: Asker | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    waiting.add(resolve);
    if (!asker) return promise;
    const leave = (reason: NoTurnError["reason"]) => {
      waiting.delete(resolve);
      reject(new NoTurnError(reason));
    };
    const { signal } = asker;
    const late = setTimeout(() => leave("late"), waitSeconds * 1_000);
    const gone = () => leave("gone");
    if (signal.aborted) gone();
    signal.addEventListener("abort", gone);
    return promise.finally(() => {
      clearTimeout(late);
      signal.removeEventListener("abort", gone);
    });
  }

  return async function enter<T>(work: () => Promise<T>, asker?: Asker): Promise<T> {
    if (running < runningMax) running++;
    else if (asker && waiting.size >= waitingMax) throw new NoTurnError("full");
    else await turn(asker);
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) {
        waiting.delete(next);
        next();
      } else running--;
    }
  };
}
