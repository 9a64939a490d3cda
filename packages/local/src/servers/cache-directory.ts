import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { isRoot } from "./unprivileged.ts";

/**
 * Where something that was fetched for this system is kept, outside the clone. A home may be shared by machines, or
 * outlive an upgrade; what was unpacked for one system fits no other. Root's home is closed to the user as whom root starts servers.
 */
export function cacheDirectory(name: string): string {
  const caches = process.env.XDG_CACHE_HOME || (isRoot ? "/var/cache" : join(homedir(), ".cache"));
  const { ID = "linux", VERSION_ID = "rolling" } = parseEnv(readFileSync("/etc/os-release", "utf8"));
  return join(caches, "cloud-design", name, `${ID}-${VERSION_ID}-${process.arch}`);
}
