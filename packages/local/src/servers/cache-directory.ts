import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { isRoot } from "./unprivileged.ts";

/**
 * The folder for programs that were downloaded for this system, outside the clone. Its name tells systems apart, because machines may
 * share a home, and a home may outlive an upgrade. Root does not use its own home: the user that runs root's servers cannot enter it.
 */
export function cacheDirectory(name: string): string {
  const { XDG_CACHE_HOME: wanted } = process.env;
  const own = isRoot ? "/var/cache" : join(homedir(), ".cache");
  const caches = wanted && (!isRoot || isOpen(wanted)) ? wanted : own;
  const { ID = "linux", VERSION_ID = "rolling" } = parseEnv(readFileSync("/etc/os-release", "utf8"));
  return join(caches, "cloud-design", name, `${ID}-${VERSION_ID}-${process.arch}`);
}

/** Whether every user may enter this folder, which may not exist yet. */
function isOpen(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  const parent = dirname(path);
  return (!stats || (stats.mode & 0o001) !== 0) && (parent === path || isOpen(parent));
}
