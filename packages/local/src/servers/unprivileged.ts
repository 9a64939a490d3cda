import { chmod, lchown, readdir } from "node:fs/promises";
import { join } from "node:path";

const NOBODY = 65534;

export const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root, and RabbitMQ does not need root's rights. User id 65534 needs no account to be created. */
export const UNPRIVILEGED = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export async function giveToUnprivileged(path: string): Promise<void> {
  if (isRoot) await lchown(path, NOBODY, NOBODY);
}

/** The same for a folder and all of its content. */
export async function giveAllToUnprivileged(directory: string): Promise<void> {
  if (!isRoot) return;
  const names = await readdir(directory, { recursive: true });
  for (const path of [directory, ...names.map((name) => join(directory, name))])
    await giveToUnprivileged(path);
}

/** The unprivileged user must reach its own files whatever umask root has. */
export async function openToUnprivileged(directory: string): Promise<void> {
  if (isRoot) await chmod(directory, 0o755);
}
