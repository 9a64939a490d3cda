import { rename, rm } from "node:fs/promises";

/** Moves a complete folder to its final path. If another process has put the same folder there first, that one stays. */
export async function putInPlace(temporary: string, directory: string): Promise<void> {
  try {
    await rename(temporary, directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
