import { isLasting } from "@cloud-design/core/database";
import { retryInPlace } from "@cloud-design/core/retry";

/** Runs work, and repeats it while its dependency is away. Rejects with a lasting failure, or once the signal is aborted. */
export type Patience = <T>(work: () => Promise<T>) => Promise<T>;

/** `onWait` is called once while any work waits, with the reason. */
export function createPatience({
  signal,
  onWait,
}: {
  signal: AbortSignal;
  onWait: (error: unknown) => void;
}): Patience {
  let waiting = 0;
  return async (work) => {
    let isWaiting = false;
    try {
      return await retryInPlace(work, {
        signal,
        isTransient: (error) => !isLasting(error),
        onRetry: (error) => {
          if (!isWaiting && waiting++ === 0) onWait(error);
          isWaiting = true;
        },
      });
    } finally {
      if (isWaiting) waiting--;
    }
  };
}
