import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readPlatform, writePlatform } from "./platform-file.ts";
import { send, startTime } from "./process-table.ts";
import { reclaim } from "./reclaim.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "reclaim-"));
});

afterEach(() => rm(directory, { recursive: true }));

it("never touches another process that has the former pid of a part", async () => {
  const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { detached: true });
  const pid = stranger.pid ?? 0;
  try {
    const record = { port: 0, url: "", log: "part.log", restarts: 0, stopSignal: "SIGTERM" } as const;
    writePlatform(directory, {
      version: 1,
      supervisor: { pid, startedAt: "another time" },
      state: "running",
      startedAt: new Date().toISOString(),
      control: "",
      parts: { part: { ...record, state: "running", pid, startedAt: "another time" } },
    });
    expect(await reclaim(directory)).toEqual([]);
    expect(startTime(pid)).toBeDefined();
    expect(stranger.signalCode).toBeNull();
    expect(readPlatform(directory)?.parts.part).toMatchObject({ state: "stopped", pid: null });
  } finally {
    send(-pid, "SIGKILL");
    await once(stranger, "exit");
  }
});

it("does nothing where no platform ever ran", async () => {
  expect(await reclaim(directory)).toEqual([]);
});
