import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askControl, type Change } from "./control.ts";
import type { PartStatus } from "./fleet.ts";
import { platformPath, readPlatform } from "./platform-file.ts";
import { isRunning, startTime } from "./process-table.ts";
import { reclaim } from "./reclaim.ts";
import { type FakePart, journalPath, WELL_BEHAVED } from "./testing/fake-parts.ts";
import type { FakePlan } from "./testing/fake-platform.ts";

const PATIENCE = { timeout: 60_000, interval: 20 };
const CHILD = `require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"])`;
const THREE: FakePart[] = [
  { name: "service", needs: ["database", "migrations"], script: WELL_BEHAVED },
  { name: "gateway", needs: ["service"], script: WELL_BEHAVED },
  { name: "database", script: WELL_BEHAVED },
];
const MIGRATIONS = { name: "migrations", needs: ["database"] };

let temporary: string;
let directory: string;
let supervisors: Supervisor[];

interface Supervisor {
  child: ChildProcess;
  said: () => string;
  ended: Promise<number | null>;
}

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), "supervisor-"));
  directory = join(temporary, "local");
  supervisors = [];
});

afterEach(async () => {
  for (const { child } of supervisors) child.kill("SIGKILL");
  await Promise.all(supervisors.map(({ ended }) => ended));
  await reclaim(directory);
  await rm(temporary, { recursive: true });
});

function start(plan: Omit<FakePlan, "journal">, ...flags: string[]): Supervisor {
  const script = join(import.meta.dirname, "testing/fake-platform.ts");
  const args = [script, JSON.stringify({ journal: temporary, ...plan }), ...flags];
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: directory };
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const ended = once(child, "close").then(([code]) => code);
  const supervisor = { child, said: () => output, ended };
  supervisors.push(supervisor);
  return supervisor;
}

async function startUntilReady(plan: Omit<FakePlan, "journal">, ...flags: string[]): Promise<Supervisor> {
  const supervisor = start(plan, ...flags);
  await vi.waitFor(() => expect(supervisor.said()).toContain("all is ready"), PATIENCE);
  return supervisor;
}

function journal(): string[] {
  const path = journalPath(temporary);
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

function pidOf(name: string): number {
  const pid = readPlatform(directory)?.parts[name]?.pid;
  if (!pid) throw new Error(`${name} has no pid`);
  return pid;
}

function change(name: string, verb: string): Promise<Change> {
  return askControl<Change>(directory, "POST", `/parts/${name}/${verb}`);
}

describe("a start", () => {
  it("starts the parts in order of their needs, and an interrupt drains them in reverse order", async () => {
    const { child, said, ended } = await startUntilReady({ parts: THREE, tasks: [MIGRATIONS] });
    expect(readPlatform(directory)).toMatchObject({
      state: "running",
      issuer: "https://issuer.example",
      supervisor: { pid: child.pid },
      parts: { gateway: { state: "running", url: "http://localhost/gateway" } },
    });
    expect(statSync(platformPath(directory)).mode & 0o777).toBe(0o600);
    child.kill("SIGINT");
    child.kill("SIGTERM"); // the same Ctrl-C, forwarded by npm
    expect(await ended).toBe(0);
    const starts = ["database start", "service start", "gateway start"];
    expect(journal()).toEqual([...starts, "gateway stop", "service stop", "database stop"]);
    expect(said().match(/counting/g)).toHaveLength(1);
    expect(said()).toMatch(/all is ready\nStopping in order\. A second Ctrl-C kills what still runs\.\n/);
    expect(readPlatform(directory)).toMatchObject({
      state: "stopped",
      parts: { gateway: { state: "stopped", pid: null } },
    });
  });

  it("shows the last lines of a part that dies before it is ready, and stops the others", async () => {
    const broken = {
      name: "service",
      needs: ["database"],
      script: `console.error("no such table"); process.exit(2)`,
    };
    const parts = [...THREE.filter(({ name }) => name !== "service"), broken];
    const { said, ended } = start({ parts });
    expect(await ended).toBe(1);
    expect(said()).toContain("service ended with code 2 before it was ready.\n  no such table\n");
    expect(said()).toContain("npm run ops -- logs service");
    expect(journal()).toEqual(["database start", "database stop"]);
  });

  it("stops everything when a task fails", async () => {
    const failure = "The migration 0001 is not there.";
    const { said, ended } = start({ parts: THREE, tasks: [{ ...MIGRATIONS, failure }] });
    expect(await ended).toBe(1);
    expect(said().trimEnd().endsWith(failure)).toBe(true);
    expect(journal()).toEqual(["database start", "database stop"]);
  });

  it("can be interrupted on the way up", async () => {
    const never = { name: "service", needs: ["database"], script: `note("start")` };
    const { child, ended } = start({ parts: [never, ...THREE.slice(2)] });
    await vi.waitFor(() => expect(journal()).toContain("service start"), PATIENCE);
    const pid = pidOf("service");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(startTime(pid)).toBeUndefined();
    expect(journal()).toContain("database stop");
  });

  it("is refused while a platform runs, with that platform's address", async () => {
    await startUntilReady({ parts: THREE, tasks: [MIGRATIONS] });
    const second = start({ parts: THREE }, "--fresh");
    expect(await second.ended).toBe(1);
    expect(second.said()).toContain("The platform is running at http://localhost/gateway already");
    expect(readPlatform(directory)?.state).toBe("running");
  });
});

describe("of several starts at once", () => {
  it("one runs and the others say so", async () => {
    const all = Array.from({ length: 4 }, () => start({ parts: THREE, tasks: [MIGRATIONS] }));
    const refused = () => all.filter(({ said }) => said().includes("already (pid")).length;
    await vi.waitFor(() => expect(refused()).toBe(3), PATIENCE);
    const ready = () => all.filter(({ said }) => said().includes("all is ready")).length;
    await vi.waitFor(() => expect(ready()).toBe(1), PATIENCE);
    expect(journal()).toHaveLength(3);
  });
});

describe("--fresh", () => {
  it("deletes the state of earlier starts; an ordinary start keeps it", async () => {
    const state = join(directory, "state");
    const startAndStop = async (...flags: string[]) => {
      const { child, ended } = await startUntilReady({ parts: THREE.slice(2) }, ...flags);
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
    };
    await startAndStop();
    mkdirSync(state);
    await startAndStop();
    expect(existsSync(state)).toBe(true);
    await startAndStop("--fresh");
    expect(existsSync(state)).toBe(false);
  });

  it("refuses a directory that holds other files", async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, "thesis.txt"), "");
    const { said, ended } = start({ parts: THREE.slice(2) }, "--fresh");
    expect(await ended).toBe(1);
    expect(said()).toContain("holds other files. Name an empty directory.");
    expect(existsSync(join(directory, "thesis.txt"))).toBe(true);
  });
});

describe("an end", () => {
  it("comes at once with the second interrupt", async () => {
    const stubborn = {
      name: "database",
      script: `process.on("SIGTERM", () => note("asked")); ready();`,
      stopSeconds: 60,
    };
    const { child, ended } = await startUntilReady({ parts: [stubborn] });
    child.kill("SIGINT");
    await vi.waitFor(() => expect(journal()).toContain("database asked"), PATIENCE);
    const again = setInterval(() => child.kill("SIGINT"), 100); // those that come too soon count as the first
    expect(await ended.finally(() => clearInterval(again))).toBe(0);
  });

  it("is in order even if the terminal has been closed", async () => {
    const { child, ended } = await startUntilReady({ parts: THREE, tasks: [MIGRATIONS] });
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill("SIGHUP");
    expect(await ended).toBe(0);
    expect(journal().slice(-3)).toEqual(["gateway stop", "service stop", "database stop"]);
  });

  it("by SIGKILL leaves only processes that the next start stops", async () => {
    const parent = { name: "parent", script: `const child = ${CHILD}; note(child.pid); ${WELL_BEHAVED}` };
    const orphan = { name: "orphan", script: `const child = ${CHILD}; note(child.pid); ready();` };
    const { child, ended } = await startUntilReady({ parts: [parent, orphan, ...THREE.slice(2)] });
    const children = journal().flatMap((line) => Number(line.split(" ")[1]) || []);
    expect(children).toHaveLength(2);
    const all = [...children, pidOf("parent"), pidOf("orphan"), pidOf("database")];
    child.kill("SIGKILL");
    await ended;
    const leader = pidOf("orphan");
    process.kill(leader, "SIGKILL");
    await vi.waitFor(() => expect(startTime(leader)).toBeUndefined(), PATIENCE);
    expect(await reclaim(directory)).toEqual(["parent", "orphan", "database"]);
    await vi.waitFor(() => expect(all.map(startTime)).toEqual(all.map(() => undefined)), PATIENCE);
    expect(journal()).toContain("parent stop");
    expect(await reclaim(directory)).toEqual([]);
  });

  it("by SIGKILL during the start does the same", async () => {
    const never = { name: "never", script: `note("start")` };
    const { child, ended } = start({ parts: [never] });
    await vi.waitFor(() => expect(journal()).toContain("never start"), PATIENCE);
    const pid = pidOf("never");
    child.kill("SIGKILL");
    await ended;
    expect(await reclaim(directory)).toEqual(["never"]);
    expect(startTime(pid)).toBeUndefined();
  });
});

describe("a part", () => {
  it("that crashes is started again, and a line in the terminal says why", async () => {
    const { said } = await startUntilReady({ parts: THREE, tasks: [MIGRATIONS] });
    const pid = pidOf("service");
    process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(said()).toContain("service is ready again."), PATIENCE);
    expect(said()).toContain("service ended unexpectedly (SIGKILL) and is started again.");
    expect(pidOf("service")).not.toBe(pid);
    const parts = await askControl<PartStatus[]>(directory, "GET", "/parts");
    expect(parts.find(({ name }) => name === "service")).toMatchObject({ state: "running", restarts: 1 });
  });

  it("that was stopped stays stopped until it is started, even if another part needs it", async () => {
    const { said } = await startUntilReady({ parts: THREE, tasks: [MIGRATIONS] });
    const identity = { pid: pidOf("database"), startedAt: startTime(pidOf("database")) ?? "" };
    expect(await change("database", "stop")).toMatchObject({ changed: true });
    expect(isRunning(identity)).toBe(false);
    expect(await change("database", "stop")).toMatchObject({ changed: false });
    expect(readPlatform(directory)?.parts.database).toMatchObject({ state: "stopped", pid: null });
    expect(await change("database", "start")).toMatchObject({ changed: true });
    expect(await change("database", "start")).toMatchObject({ changed: false });
    expect(await change("database", "restart")).toMatchObject({ changed: true });
    expect(said()).not.toContain("unexpectedly");
  });

  it("with copies is restarted copy by copy, and stopped and started with all of them", async () => {
    const copies = ["copy-1", "copy-2"];
    const parts = [...copies, "door"].map((name) => ({
      name,
      script: WELL_BEHAVED,
      ...(name === "door" && { needs: copies, copies }),
    }));
    await startUntilReady({ parts });
    const before = journal().length;
    expect(await change("door", "restart")).toMatchObject({ changed: true });
    expect(journal().slice(before)).toEqual(copies.flatMap((name) => [`${name} stop`, `${name} start`]));
    expect(await change("door", "stop")).toMatchObject({ changed: true });
    expect(await change("door", "stop")).toMatchObject({ changed: false });
    const states = () => Object.values(readPlatform(directory)?.parts ?? {}).map(({ state }) => state);
    expect(states()).toEqual(["stopped", "stopped", "stopped"]);
    expect(await change("door", "start")).toMatchObject({ changed: true });
    expect(states()).toEqual(["running", "running", "running"]);
    expect(journal().at(-1)).toBe("door start");
  });

  it("that was frozen can be stopped", async () => {
    await startUntilReady({ parts: [{ name: "frozen", script: WELL_BEHAVED, stopSeconds: 0.3 }] });
    process.kill(pidOf("frozen"), "SIGSTOP");
    expect(await change("frozen", "stop")).toMatchObject({ changed: true });
  });

  it("that fails to restart is named to the caller, and in the terminal of the platform", async () => {
    // Once, and never again.
    const script = `const { existsSync } = require("node:fs");
      const mark = ${JSON.stringify(join(temporary, "mark"))};
      if (existsSync(mark)) process.exit(7);
      writeFileSync(mark, ""); ${WELL_BEHAVED}`;
    const { said } = await startUntilReady({ parts: [{ name: "port", script }] });
    const failure = "port ended with code 7 before it was ready.";
    await expect(change("port", "restart")).rejects.toThrow(failure);
    await vi.waitFor(() => expect(said()).toContain(`${failure} It stays so until`), PATIENCE);
    expect(readPlatform(directory)?.parts.port).toMatchObject({ state: "failed", restarts: 0 });
  });

  it("that does not exist is refused", async () => {
    await startUntilReady({ parts: THREE.slice(2) });
    await expect(change("nothing", "stop")).rejects.toThrow("There is no part nothing");
  });
});
