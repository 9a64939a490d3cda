import { setImmediate as nextTurn } from "node:timers/promises";

/** Most messages in one statement, unless there is a smaller limit: larger batches are not faster. */
export const BATCH_MAX = 250;

export interface Inbox<T> {
  add(message: T): void;
  /** How many messages were added and not handled yet. */
  held(): number;
  /** Resolves when all added messages have been handled. */
  settled(): Promise<void>;
}

/**
 * Passes messages on in batches, one batch at a time: all that arrived while the previous batch was written. A
 * redelivered message is handled alone, because it may have crashed a process and must not affect others.
 */
export function createInbox<T>(deps: {
  isRedelivered: (message: T) => boolean;
  handle: (messages: readonly T[]) => Promise<void>;
  onError: (error: unknown) => void;
  batchMax?: number;
}): Inbox<T> {
  const { batchMax = BATCH_MAX } = deps;
  const waiting: T[] = [];
  let working = Promise.resolve();
  let isWorking = false;
  let handling = 0;

  async function work(): Promise<void> {
    try {
      // Messages of the same read have then arrived too.
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
    return waiting.splice(0, Math.min(batchMax, firstRedelivered === -1 ? waiting.length : firstRedelivered));
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
