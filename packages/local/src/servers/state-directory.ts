import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { SetupError } from "../supervisor/part.ts";
import { isRoot, UNPRIVILEGED } from "./unprivileged.ts";

/**
 * Where the servers keep their data: `state` inside `local`, the project's own folder. Under root PostgreSQL runs
 * as another user, who cannot enter a clone in a private folder such as /root; then it is one below /var/tmp, which
 * everybody may enter and which survives a reboot. Creates `local` or that one, because only a folder that exists
 * can tell who may enter it.
 */
export function stateDirectory(local: string): string {
  mkdirSync(local, { recursive: true });
  if (!isRoot || unprivilegedMayEnter(local)) return join(local, "state");
  const hash = createHash("sha256").update(resolve(local)).digest("hex").slice(0, 8);
  return ownDirectory(`/var/tmp/cloud-design-${hash}`);
}

function unprivilegedMayEnter(directory: string): boolean {
  return spawnSync("test", ["-x", directory], UNPRIVILEGED).status === 0;
}

/** Anybody may create a folder in /var/tmp: one that is already there and not root's own is a trap. */
function ownDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== 0)
    throw new SetupError(
      `${directory} belongs to another user. Remove it, or clone to a place outside /root.`,
    );
  chmodSync(directory, 0o755);
  return directory;
}
