import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "./part.ts";
import { type PartRecord, readPlatform, writePlatform } from "./platform-file.ts";
import { isRunning, leftOfGroup, send } from "./process-table.ts";

const PATIENCE_SECONDS = 10;
const LOOK_AGAIN_MILLISECONDS = 50;

/**
 * Stops the processes that a killed supervisor left behind, and no others; waits for a supervisor that is stopping.
 * Returns the names of the parts.
 */
export async function reclaim(directory: string): Promise<string[]> {
  let platform = readPlatform(directory);
  while (platform?.state.startsWith("stop") && isRunning(platform.supervisor)) {
    await sleep(LOOK_AGAIN_MILLISECONDS);
    platform = readPlatform(directory);
  }
  if (platform === undefined) return [];
  if (isRunning(platform.supervisor)) {
    const where = platform.parts.gateway ? ` at ${platform.parts.gateway.url}` : "";
    throw new SetupError(
      `The platform is ${platform.state}${where} already (pid ${platform.supervisor.pid}): stop it first, with Ctrl-C there or \`kill ${platform.supervisor.pid}\`.`,
    );
  }
  const records = Object.entries(platform.parts);
  const reclaimed = await Promise.all(records.map(([, record]) => reclaimPart(record)));
  const parts = records.map(([name, record]) => [
    name,
    record.state === "external"
      ? record
      : { ...record, state: "stopped" as const, pid: null, startedAt: null },
  ]);
  writePlatform(directory, { ...platform, state: "stopped", parts: Object.fromEntries(parts) });
  return records.map(([name]) => name).filter((_, index) => reclaimed[index]);
}

/** Sends the stop signal first: a database or broker that ends in order has less to repair later. */
async function reclaimPart({ pid, startedAt, stopSignal, log }: PartRecord): Promise<boolean> {
  if (pid === null || startedAt === null) return false;
  const leader = { pid, startedAt };
  if (!isRunning(leader)) {
    const left = leftOfGroup(pid, log);
    for (const member of left) send(member, "SIGKILL");
    return left.length > 0;
  }
  send(pid, stopSignal);
  const deadline = performance.now() + PATIENCE_SECONDS * 1000;
  while (isRunning(leader) && performance.now() < deadline) await sleep(LOOK_AGAIN_MILLISECONDS);
  send(-pid, "SIGKILL");
  while (isRunning(leader)) await sleep(LOOK_AGAIN_MILLISECONDS);
  return true;
}
