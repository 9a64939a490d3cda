import { setTimeout as sleep } from "node:timers/promises";

/**
 * Full jitter (AWS Architecture Blog, "Exponential Backoff and Jitter"): a random wait up to a ceiling that doubles
 * from 100 ms to 3 s. `attempt` counts from 1; the answer is in milliseconds.
 */
export function fullJitter(attempt: number): number {
  return Math.random() * Math.min(3_000, 100 * 2 ** Math.min(attempt - 1, 10));
}

/**
 * Repeats `work` while `isTransient` says that its failure may pass. Resolves with its result; rejects with its first
 * lasting failure or with the signal's reason.
 */
export async function retryInPlace<T>(
  work: () => Promise<T>,
  options: {
    isTransient: (error: unknown) => boolean;
    signal: AbortSignal;
    onRetry?: (error: unknown, attempt: number) => void;
  },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!options.isTransient(error)) throw error;
      options.onRetry?.(error, attempt);
      await sleep(fullJitter(attempt), undefined, { signal: options.signal });
    }
  }
}

export class DeadlineError extends Error {
  override name = "DeadlineError";
}

/** Rejects with `DeadlineError` when `work` does not settle in time; `work` itself is not stopped. */
export async function withDeadline<T>(work: Promise<T>, seconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DeadlineError(`${what} did not answer within ${seconds} s`)),
      seconds * 1_000,
    );
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
