import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Above every system's highest process number. */
const NO_PROCESS = 2 ** 31 - 1;

/**
 * After kill -9 the lock file stays and names a process number that another process may have by now (likely in a
 * restarted container): PostgreSQL would take that process for its own and refuse to start. Only the number is
 * replaced: the rest lets PostgreSQL see whether an old backend still holds the shared memory.
 */
export async function disownLockFile(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  if (!existsSync(path)) return;
  const [pid, ...rest] = (await readFile(path, "utf8")).split("\n");
  if (commandLine(Number(pid)).includes(data)) return;
  await writeFile(path, [NO_PROCESS, ...rest].join("\n"));
}

function commandLine(pid: number): string {
  if (process.platform !== "linux")
    return spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
