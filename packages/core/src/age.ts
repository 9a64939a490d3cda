/**
 * Starts a stopwatch. The returned function gives the milliseconds since then, by the clock that advanced further. The
 * monotonic clock is right when the system time is changed; it may stand still while a Lambda is frozen or a laptop
 * sleeps, and then wall time is right. Where the two differ, a cached value counts as older than it is, which costs one
 * extra request.
 */
export function startAge(): () => number {
  const monotonic = performance.now();
  // biome-ignore lint/plugin: the second clock, which goes on while the process is frozen.
  const wall = Date.now();
  // biome-ignore lint/plugin: as above.
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
