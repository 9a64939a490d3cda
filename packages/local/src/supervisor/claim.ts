import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Settings } from "../platform/settings.ts";
import { stateDirectory } from "../servers/state-directory.ts";
import { controlPath } from "./control.ts";
import { SetupError } from "./part.ts";
import { readPlatform, writePlatform } from "./platform-file.ts";
import { startTime } from "./process-table.ts";
import { reclaim } from "./reclaim.ts";

const LOCK = "claim.lock";
/** A claim takes as long as a killed platform's parts need to stop. */
const ABANDONED_SECONDS = 60;

/**
 * Makes the directory this supervisor's own: refuses while another one runs, stops the processes that a killed one left,
 * and deletes all state if the settings ask for it.
 */
export async function claimDirectory(settings: Settings, say: (line: string) => void): Promise<void> {
  const { directory } = settings;
  mkdirSync(directory, { recursive: true });
  const lock = join(directory, LOCK);
  await takeLock(lock);
  try {
    await claim(settings, say);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** If two start at once, the second waits here and then finds the first one running. */
async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      mkdirSync(lock);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const found = statSync(lock, { throwIfNoEntry: false });
    // A lock with a time in the future is stale too: if the clock was set back, every start would wait that long.
    // biome-ignore lint/plugin: files carry wall time.
    if (found && Math.abs(Date.now() - found.mtimeMs) > ABANDONED_SECONDS * 1_000)
      rmSync(lock, { recursive: true, force: true });
    await sleep(50);
  }
}

async function claim(settings: Settings, say: (line: string) => void): Promise<void> {
  const { directory, root } = settings;
  const entries = readdirSync(directory).filter((entry) => entry !== LOCK);
  const isOurs = directory === join(root, ".local") || entries.includes("platform.json");
  if (!isOurs && entries.length > 0) {
    throw new SetupError(`CLOUD_DESIGN_LOCAL: ${directory} holds other files. Name an empty directory.`);
  }
  const left = await reclaim(directory);
  if (left.length > 0) say(`Stopped what a killed start had left running: ${left.join(", ")}.`);
  if (settings.fresh) {
    // The servers' state may be elsewhere. The directory itself stays, because it may be a mount point.
    const paths = [stateDirectory(directory), ...entries.map((entry) => join(directory, entry))];
    for (const path of paths) rmSync(path, { recursive: true, force: true });
    say("Deleted the databases, queues and logs of before.");
  }
  const supervisor = { pid: process.pid, startedAt: startTime(process.pid) ?? "" };
  const startedAt = new Date().toISOString();
  const control = controlPath(directory);
  // Their logs can be read even if this start fails.
  const parts = readPlatform(directory)?.parts ?? {};
  writePlatform(directory, { version: 1, supervisor, state: "starting", startedAt, control, parts });
}
