import { chmod, lchown, readdir } from "node:fs/promises";
import { join } from "node:path";

const NOBODY = 65534;

export const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root, and RabbitMQ needs none of its rights. The kernel's own nobody needs no system user to be created. */
export const UNPRIVILEGED = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export async function giveToUnprivileged(path: string): Promise<void> {
  if (isRoot) await lchown(path, NOBODY, NOBODY);
}

/** The same for a folder and all that is in it. */
export async function giveAllToUnprivileged(directory: string): Promise<void> {
  if (!isRoot) return;
  const names = await readdir(directory, { recursive: true });
  for (const path of [directory, ...names.map((name) => join(directory, name))])
    await giveToUnprivileged(path);
}

/** Whatever root's umask is, the unprivileged user must get through to its own files. */
export async function openToUnprivileged(directory: string): Promise<void> {
  if (isRoot) await chmod(directory, 0o755);
}
