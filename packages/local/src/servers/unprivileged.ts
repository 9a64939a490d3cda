import { chmod, chown } from "node:fs/promises";

const NOBODY = 65534;

export const isRoot = process.getuid?.() === 0;

/** PostgreSQL refuses to run as root. The kernel's own nobody needs no system user to be created. */
export const UNPRIVILEGED = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

export async function giveToUnprivileged(path: string): Promise<void> {
  if (isRoot) await chown(path, NOBODY, NOBODY);
}

/** Whatever root's umask is, the unprivileged user must get through to its own files. */
export async function openToUnprivileged(directory: string): Promise<void> {
  if (isRoot) await chmod(directory, 0o755);
}
