/** Longer than any batch takes; a database that fails over is back within two minutes. */
const DEGRADED_SECONDS = 10;
const DOWN_SECONDS = 60;

/** How long the messages that a process receives have been waiting without one of them being settled, by a clock that nobody sets. */
export interface Progress {
  /** A message has come; `isFirst` when no other is in hand, and it was not handed out before. */
  received(isFirst: boolean): void;
  settled(held: number): void;
  /** What that says, while there is something to do. */
  state(): "up" | "degraded" | "down";
}

export function createProgress(now: () => number = () => performance.now()): Progress {
  let since: number | undefined;
  return {
    received(isFirst) {
      // Those of a lost connection come again, and have waited all along.
      since = isFirst ? now() : (since ?? now());
    },
    settled(held) {
      since = held > 0 ? now() : undefined;
    },
    state() {
      const seconds = since === undefined ? 0 : (now() - since) / 1_000;
      if (seconds < DEGRADED_SECONDS) return "up";
      return seconds < DOWN_SECONDS ? "degraded" : "down";
    },
  };
}
