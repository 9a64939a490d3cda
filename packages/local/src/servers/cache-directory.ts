import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { isRoot } from "./unprivileged.ts";

/**
 * Where something that was fetched for this system is kept, outside the clone. A home may be shared by machines, or
 * outlive an upgrade; what was unpacked for one system fits no other. Root's home is closed to the user as whom root starts servers.
 */
export function cacheDirectory(name: string): string {
  const { XDG_CACHE_HOME: wanted } = process.env;
  const own = isRoot ? "/var/cache" : join(homedir(), ".cache");
  const caches = wanted && (!isRoot || isOpen(wanted)) ? wanted : own;
  const { ID = "linux", VERSION_ID = "rolling" } = parseEnv(readFileSync("/etc/os-release", "utf8"));
  return join(caches, "cloud-design", name, `${ID}-${VERSION_ID}-${process.arch}`);
}

/** Whether every user may enter this folder, which need not exist yet. */
function isOpen(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  const parent = dirname(path);
  return (!stats || (stats.mode & 0o001) !== 0) && (parent === path || isOpen(parent));
}
