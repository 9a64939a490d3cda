import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import type { Part } from "../supervisor/part.ts";
import { type RunningPart, startPart } from "../supervisor/process.ts";
import { family, isRunning, type ProcessIdentity, startTime } from "../supervisor/process-table.ts";

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
