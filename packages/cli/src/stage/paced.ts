import { setTimeout as sleep } from "node:timers/promises";

/** Enough for what one request takes on its way; the pace is set elsewhere. */
const AT_ONCE = 8;

export interface Pace {
  /** Resolves when it is the next one's turn. */
  turn(): Promise<void>;
  /** Nobody's turn comes before that. */
  pause(milliseconds: number): void;
}

/** So many turns a second at most, without catching up on what was missed. */
export function paceOf(perSecond: number): Pace {
  let nextAt = 0;
  return {
    async turn() {
      const now = performance.now();
      const at = Math.max(now, nextAt);
      nextAt = at + 1_000 / perSecond;
      if (at > now) await sleep(at - now);
    },
    pause(milliseconds) {
      nextAt = Math.max(nextAt, performance.now() + milliseconds);
    },
  };
}

interface Load {
  first: number;
  end: number;
  send: (index: number) => Promise<void>;
  /** Everything before it is done. */
  onDone: (next: number) => void;
}

/** Sends each number from `first` on, some at once. The first that fails ends it. */
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
