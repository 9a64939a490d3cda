/** Longer than any batch takes; a database that fails over is back within two minutes. */
const DEGRADED_SECONDS = 10;
const DOWN_SECONDS = 60;
/** RabbitMQ redelivers the messages of a lost connection at once. */
const COMES_AGAIN_SECONDS = 5;

/** How long this process has held messages without settling one, by the monotonic clock and across all its sessions. */
export interface Progress {
  /** Starts a new session; settlements of earlier sessions no longer count. */
  begin(): SessionProgress;
  /** The state that follows from that time. */
  state(): "up" | "degraded" | "down";
}

interface SessionProgress {
  received(isRedelivered: boolean): void;
  settled(messages: number): void;
}

export function createProgress(now: () => number = () => performance.now()): Progress {
  let since: number | undefined;
  let current: SessionProgress | undefined;
  return {
    begin() {
      let held = 0;
      let idleSince = now();
      const session: SessionProgress = {
        received(isRedelivered) {
          if (held++ > 0) return;
          // A message of the lost connection has waited since before the loss. One that arrives later was held by
          // another process.
          const comesAgain = isRedelivered && now() - idleSince < COMES_AGAIN_SECONDS * 1_000;
          since = comesAgain ? (since ?? now()) : now();
        },
        settled(messages) {
          held -= messages;
          if (session !== current) return;
          idleSince = now();
          since = held > 0 ? idleSince : undefined;
        },
      };
      current = session;
      return session;
    },
    state() {
      const seconds = since === undefined ? 0 : (now() - since) / 1_000;
      if (seconds < DEGRADED_SECONDS) return "up";
      return seconds < DOWN_SECONDS ? "degraded" : "down";
    },
  };
}
