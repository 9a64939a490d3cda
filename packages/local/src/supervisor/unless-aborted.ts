/** The promise, or a rejection as soon as the signal is aborted. */
export async function unlessAborted<T>(
  signal: AbortSignal,
  promise: Promise<T> | undefined,
): Promise<T | undefined> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
