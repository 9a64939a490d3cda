import { appendFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lastLines } from "./log-file.ts";
import { type RunningPart, startPart } from "./process.ts";
import { isRunning, type ProcessIdentity, send, startTime } from "./process-table.ts";
import { type FakePart, fakePart, journalPath, WELL_BEHAVED } from "./testing/fake-parts.ts";

let directory: string;
let logFile: string;
let spawned: RunningPart | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "process-"));
  logFile = join(directory, "logs/fake.log");
  spawned = undefined;
});

afterEach(async () => {
  spawned?.kill();
  await rm(directory, { recursive: true });
});

function start(fake: Omit<FakePart, "name">, signal?: AbortSignal): Promise<RunningPart> {
  const onSpawn = (running: RunningPart) => {
    spawned = running;
  };
  return startPart(fakePart(directory, { name: "fake", ...fake }), { logFile, onSpawn, signal });
}

function notedProcess(): ProcessIdentity {
  const pid = Number(readFileSync(journalPath(directory), "utf8").trim().split(" ").at(-1));
  return { pid, startedAt: startTime(pid) ?? "none" };
}

const CHILD = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"])`;

describe("startPart", () => {
  it("resolves once the part is ready, its output in the log", async () => {
    const running = await start({ script: `console.log("hello"); console.error("world"); ${WELL_BEHAVED}` });
    expect(isRunning(running)).toBe(true);
    expect(lastLines(logFile, 10)).toEqual(["hello", "world"]);
    await running.stop();
    expect(await running.exited).toEqual({ code: 0, signal: null });
  });

  it("fails at once with the last lines of this start when the part ends before it is ready", async () => {
    await start({ script: WELL_BEHAVED });
    await spawned?.stop();
    appendFileSync(logFile, "a line of the start before\n");
    const script = `console.log("no such table"); process.exit(3)`;
    const failure = start({ script });
    await expect(failure).rejects.toMatchObject({ name: "SetupError" });
    await expect(failure).rejects.toThrow(
      /^fake ended with code 3 before it was ready\.\n {2}no such table\nSee its whole log with `npm run ops -- logs fake` \(.*fake\.log\)\.$/,
    );
  });

  it("shows 15 lines and no more", async () => {
    const script = `for (let i = 1; i <= 20; i++) console.log("line " + i); process.exit(3)`;
    await expect(start({ script })).rejects.toThrow(/ready\.\n {2}line 6\n/);
  });

  it("leaves nothing behind when the part is not ready in time", async () => {
    const late = start({ script: CHILD, readySeconds: 0.5 });
    await expect(late).rejects.toThrow("fake was not ready within 0.5 s.");
    expect(spawned && isRunning(spawned)).toBe(false);
  });

  it("leaves nothing behind when the start is aborted", async () => {
    const abort = new AbortController();
    const given = start({ script: `note("up")` }, abort.signal);
    await vi.waitFor(() => notedIsThere(), { timeout: 60_000 });
    abort.abort();
    await expect(given).rejects.toThrow("aborted");
    expect(spawned && isRunning(spawned)).toBe(false);
  });

  it("names a program that does not exist", async () => {
    const part = { ...fakePart(directory, { name: "fake", script: "" }), prepare: undefined };
    const missing = { ...part, command: () => ({ file: "/no/such/program", args: [], env: {} }) };
    await expect(startPart(missing, { logFile })).rejects.toThrow(
      "fake could not be started: spawn /no/such/program ENOENT",
    );
  });
});

describe("stop", () => {
  it("kills a process that ignores SIGTERM once stopSeconds have passed", async () => {
    const running = await start({ script: `process.on("SIGTERM", () => {}); ready();`, stopSeconds: 0.3 });
    await running.stop();
    expect(await running.exited).toEqual({ code: null, signal: "SIGKILL" });
  });

  it("repeats the signal when the process has lost the first one", async () => {
    const script = `
      process.once("SIGTERM", () => process.once("SIGTERM", () => process.exit(0)));
      ready();`;
    const running = await start({ script, stopSeconds: 60, stopAgainSeconds: 0.1 });
    await running.stop();
    expect(await running.exited).toEqual({ code: 0, signal: null });
  });

  it("sends one signal only to a process that a second signal would end at once", async () => {
    const script = `
      process.once("SIGTERM", () => { note("asked"); setTimeout(() => process.exit(0), 300); });
      ready();`;
    const running = await start({ script });
    await running.stop();
    expect(await running.exited).toEqual({ code: 0, signal: null });
  });

  it("kills the rest of the group when its leader has ended", async () => {
    const running = await start({
      script: `note(${CHILD}.pid); ${WELL_BEHAVED.replace('note("start");', "")}`,
    });
    const child = notedProcess();
    expect(isRunning(child)).toBe(true);
    await running.stop();
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  it("kills the rest of the group when its leader crashes", async () => {
    const running = await start({ script: `note(${CHILD}.pid); ready();` });
    const child = notedProcess();
    send(running.pid, "SIGKILL");
    expect(await running.exited).toEqual({ code: null, signal: "SIGKILL" });
    await expect.poll(() => isRunning(child)).toBe(false);
  });
});

function notedIsThere(): void {
  expect(readFileSync(journalPath(directory), "utf8")).toContain("up");
}
