import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Part } from "../part.ts";
import { isFree } from "../supervisor/ports.ts";
import { type RunningPart, startPart } from "../supervisor/process.ts";
import { family, isRunning, type ProcessIdentity, startTime } from "../supervisor/process-table.ts";
import { openToUnprivileged } from "./unprivileged.ts";

/** Below the range from which systems take the ports of outgoing connections, so that none of those comes between. */
const PORTS = { first: 10_240, last: 32_767 };
let nextPort = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));

/** A port that nobody listens on, and that this process has not given out before. */
export async function freePort(): Promise<number> {
  const port = nextPort;
  nextPort = port < PORTS.last ? port + 1 : PORTS.first;
  return (await isFree(port)) ? port : freePort();
}

/** A directory that the servers may enter and that is removed at the end of the block. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "cloud-design-"));
  await openToUnprivileged(path);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The part, running until the end of the block. */
export async function started(part: Part, directory: string): Promise<AsyncDisposable & RunningPart> {
  const running = await startPart(part, { logFile: join(directory, "log") });
  return { ...running, [Symbol.asyncDispose]: running.stop };
}

export async function killHard(running: RunningPart): Promise<void> {
  const members = processesOf(running);
  process.kill(running.pid, "SIGKILL");
  await untilGone(members);
}

export function processesOf(running: RunningPart): ProcessIdentity[] {
  return family(running.pid).map((pid) => ({ pid, startedAt: startTime(pid) ?? "" }));
}

export async function untilGone(processes: readonly ProcessIdentity[]): Promise<void> {
  await expect.poll(() => processes.filter(isRunning), { timeout: 10_000 }).toEqual([]);
}

export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (accepts: boolean) => {
      socket.destroy();
      resolve(accepts);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}
