/** Longer than any batch takes; a database that fails over is back within two minutes. */
const DEGRADED_SECONDS = 10;
const DOWN_SECONDS = 60;
/** RabbitMQ hands out again at once what a lost connection held. */
const COMES_AGAIN_SECONDS = 5;

/** How long messages have been waiting in this process without one of them being settled, by the monotonic clock, over all its sessions. */
export interface Progress {
  /** A new connection, whose messages count from now on; those of the one before count no more. */
  begin(): SessionProgress;
  /** What that says, while there is something to do. */
  state(): "up" | "degraded" | "down";
}

interface SessionProgress {
  received(isRedelivered: boolean): void;
  settled(): void;
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
          // A message of the lost connection has waited all along. One that comes later was held by another process.
          const comesAgain = isRedelivered && now() - idleSince < COMES_AGAIN_SECONDS * 1_000;
          since = comesAgain ? (since ?? now()) : now();
        },
        settled() {
          held--;
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
