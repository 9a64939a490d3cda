import { setImmediate as nextTurn } from "node:timers/promises";

/** Orders in one INSERT: beyond this, larger batches gain nothing. */
const BATCH_MAX = 250;

export interface Inbox<T> {
  add(message: T): void;
  /** How many were added and are not handled yet. */
  held(): number;
  /** Resolves when everything added has been handled. */
  settled(): Promise<void>;
}

/**
 * Hands messages over in batches, one batch at a time: whatever came while the last one was written. A redelivered message goes
 * alone, for it may be the one that ended a process, and must take no neighbour with it.
 */
export function createInbox<T>(deps: {
  isRedelivered: (message: T) => boolean;
  handle: (messages: readonly T[]) => Promise<void>;
  onError: (error: unknown) => void;
}): Inbox<T> {
  const waiting: T[] = [];
  let working = Promise.resolve();
  let isWorking = false;
  let handling = 0;

  async function work(): Promise<void> {
    try {
      // What arrived in the same read is then here as well.
      await nextTurn();
      while (waiting.length > 0) {
        const batch = nextBatch();
        handling = batch.length;
        await deps.handle(batch);
      }
    } catch (error) {
      waiting.length = 0;
      deps.onError(error);
    } finally {
      isWorking = false;
      handling = 0;
    }
  }

  function nextBatch(): T[] {
    const firstRedelivered = waiting.findIndex(deps.isRedelivered);
    if (firstRedelivered === 0) return waiting.splice(0, 1);
    return waiting.splice(
      0,
      Math.min(BATCH_MAX, firstRedelivered === -1 ? waiting.length : firstRedelivered),
    );
  }

  return {
    add(message) {
      waiting.push(message);
      if (isWorking) return;
      isWorking = true;
      working = work();
    },
    held: () => waiting.length + handling,
    settled: () => working,
  };
}
