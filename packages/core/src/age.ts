/**
 * Begins now; the answer says how many milliseconds have passed since, by the clock that saw more of them. The monotonic one is right when
 * somebody sets the time; it may stand still while a Lambda is frozen or a laptop sleeps, and then wall time is right. Where both
 * differ, what is kept counts as older than it is, and is asked for once more.
 */
export function startAge(): () => number {
  const monotonic = performance.now();
  // biome-ignore lint/plugin: the second clock, which goes on while the process is frozen.
  const wall = Date.now();
  // biome-ignore lint/plugin: as above.
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
