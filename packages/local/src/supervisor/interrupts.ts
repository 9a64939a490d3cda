const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** One Ctrl-C arrives several times: from the terminal, forwarded by npm, forwarded by run.mjs. */
const SAME_MILLISECONDS = 500;

export interface Interrupts {
  /** Aborted at the first interrupt. */
  signal: AbortSignal;
  close(): void;
}

/** From now on an interrupt does not end this process: the first one aborts the signal, later ones call `onAgain`. */
export function hearInterrupts(onAgain: () => void): Interrupts {
  const first = new AbortController();
  let firstAt = 0;
  const hear = () => {
    if (!first.signal.aborted) {
      firstAt = performance.now();
      first.abort();
    } else if (performance.now() - firstAt > SAME_MILLISECONDS) onAgain();
  };
  for (const signal of SIGNALS) process.on(signal, hear);
  const close = () => {
    for (const signal of SIGNALS) process.off(signal, hear);
  };
  return { signal: first.signal, close };
}
