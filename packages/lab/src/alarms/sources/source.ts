import { setTimeout as sleep } from "node:timers/promises";

/** Four samples in a minute of the laboratory, as a minute of CloudWatch contains many samples of one second. */
const SAMPLE_MS = 250;

/**
 * Takes samples until it is disposed of. A failed sample means missing data, as when the machine that would report it is gone; the next one
 * waits for a sample that hangs.
 */
export function sampling(sample: () => Promise<void> | void, everyMs = SAMPLE_MS): AsyncDisposable {
  const over = new AbortController();
  const running = (async () => {
    const startedAt = performance.now();
    while (!over.signal.aborted) {
      await Promise.resolve()
        .then(sample)
        .catch(() => {});
      const toNext = everyMs - ((performance.now() - startedAt) % everyMs);
      await sleep(toNext, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await running;
    },
  };
}
