import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { SetupError } from "../supervisor/part.ts";
import { isRoot, UNPRIVILEGED } from "./unprivileged.ts";

/**
 * Where the servers keep their data: `state` inside `local`, a folder of the clone. Under root PostgreSQL runs
 * as another user, who cannot enter a clone in a private folder such as /root; then it is a folder below /var/tmp, which
 * every user may enter and which survives a reboot. Creates the folder it returns or its parent `local`, because access
 * can only be checked on a folder that exists.
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

/** Any user may create a folder in /var/tmp: one that exists and does not belong to root may be a trap. */
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
