import { rename, rm } from "node:fs/promises";

/** Moves a folder that is whole to where it belongs. Another process that built the same at the same time and was first has won. */
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
