import { setTimeout as sleep } from "node:timers/promises";

/** Enough requests at once to keep the pace despite the network's delay; the pace itself is set elsewhere. */
const AT_ONCE = 8;

export interface Pace {
  /** Resolves when it is the caller's turn. */
  turn(): Promise<void>;
  /** Delays every turn until the pause is over. */
  pause(milliseconds: number): void;
}

const CLOCK = { now: () => performance.now(), sleep: (ms: number): Promise<unknown> => sleep(ms) };

/** At most `perSecond` turns a second; turns that were missed are not caught up on. */
export function paceOf(perSecond: number, { now, sleep } = CLOCK): Pace {
  let nextAt = 0;
  return {
    async turn() {
      const startedAt = now();
      const at = Math.max(startedAt, nextAt);
      nextAt = at + 1_000 / perSecond;
      if (at > startedAt) await sleep(at - startedAt);
    },
    pause(milliseconds) {
      nextAt = Math.max(nextAt, now() + milliseconds);
    },
  };
}

interface Load {
  first: number;
  end: number;
  send: (index: number) => Promise<void>;
  /** Called with the first number that is not done; all before it are done. */
  onDone: (next: number) => void;
}

/** Sends each number from `first` on, several at once. The first failure ends it. */
export async function inOrder({ first, end, send, onDone }: Load): Promise<void> {
  const pending = new Set<number>();
  let next = first;
  const worker = async () => {
    while (next < end) {
      const index = next++;
      pending.add(index);
      try {
        await send(index);
      } catch (error) {
        next = end;
        throw error;
      }
      pending.delete(index);
      onDone(Math.min(next, ...pending));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
