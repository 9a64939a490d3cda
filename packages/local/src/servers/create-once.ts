import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Longer than any download or initdb takes. */
const ABANDONED_SECONDS = 3600;

/**
 * Fills a directory, which then exists completely or not at all, even if the process is killed. If several
 * processes do it at the same time, the first one wins and the others use its result.
 */
export async function createOnce(
  directory: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  if (existsSync(directory)) return;
  await mkdir(dirname(directory), { recursive: true });
  await removeAbandoned(directory);
  const temporary = await mkdtemp(`${directory}.`);
  try {
    await fill(temporary);
    await rename(temporary, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Removes the temporary directories of killed processes: `mkdtemp(`${directory}.`)` makes them beside `directory`. */
export async function removeAbandoned(directory: string): Promise<void> {
  const names = await readdir(dirname(directory));
  for (const name of names.filter((name) => name.startsWith(`${basename(directory)}.`))) {
    const path = join(dirname(directory), name);
    const file = await stat(path).catch(() => undefined);
    // biome-ignore lint/plugin: files carry wall time; an error of the clock costs only disk space.
    if (file && Date.now() - file.mtimeMs > ABANDONED_SECONDS * 1000)
      await rm(path, { recursive: true, force: true });
  }
}
