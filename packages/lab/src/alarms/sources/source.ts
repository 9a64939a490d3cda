import { setTimeout as sleep } from "node:timers/promises";

/** Four in a minute of the laboratory, as a minute of CloudWatch's holds many samples of a second. */
const SAMPLE_MS = 250;

/**
 * Takes a sample again and again until it is disposed of. One that fails is no data, as when the machine that would report it is gone; one
 * that hangs is waited for.
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
