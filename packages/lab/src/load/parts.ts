import { setImmediate } from "node:timers/promises";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { families, memoryMegabytes, processorSeconds } from "@cloud-design/local/supervisor/process-table";

/** The processor time and memory of each part of a platform, with all of its processes. */
export type Parts = ReadonlyMap<string, { processorSeconds: number; megabytes: number }>;

/** Reads them for the platform in this directory. Empty where there is no /proc. */
export async function readParts(directory: string): Promise<Parts> {
  const running = Object.entries(readPlatform(directory)?.parts ?? {}).flatMap(([name, { pid }]) =>
    pid === null ? [] : [{ name, pid }],
  );
  const all = families(running.map(({ pid }) => pid));
  const parts = new Map<string, { processorSeconds: number; megabytes: number }>();
  for (const [index, { name }] of running.entries()) {
    await setImmediate(); // the load goes on meanwhile: counting a part's pages takes milliseconds
    const pids = all[index] ?? [];
    const megabytes = memoryMegabytes(pids);
    if (megabytes !== undefined) parts.set(name, { processorSeconds: processorSeconds(pids), megabytes });
  }
  return parts;
}
