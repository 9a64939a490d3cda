import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** Every process of a part inherits it: children whose leader is gone can still be recognised. */
export const LOG_VARIABLE = "CLOUD_DESIGN_LOG";

/** Linux reports processor time in this unit to every program, whatever its own clock (`getconf CLK_TCK`). */
const TICKS_A_SECOND = 100;

interface Entry {
  pid: number;
  parent: number;
  group: number;
  isZombie: boolean;
  startedAt: string;
}

/** Identifies a process: a pid is reused, a pid with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** When a process began, in the format of the operating system; undefined if no such process runs. */
export function startTime(pid: number): string | undefined {
  if (process.platform !== "linux") return startTimeFromPs(pid);
  const entry = readEntry(pid);
  return entry?.isZombie ? undefined : entry?.startedAt;
}

export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return startTime(pid) === startedAt;
}

/** The process, the group that it leads, and all their descendants. Empty where there is no /proc. */
export function family(leader: number): number[] {
  return familyIn(allEntries(), leader);
}

/** The families of several leaders, at the price of one look at all processes. */
export function families(leaders: readonly number[]): number[][] {
  const entries = allEntries();
  return leaders.map((leader) => familyIn(entries, leader));
}

function familyIn(entries: readonly Entry[], leader: number): number[] {
  const members = new Set(entries.filter((entry) => entry.group === leader).map((entry) => entry.pid));
  // A Set grows under its own loop. Descendants may lead groups of their own, as every PostgreSQL backend does.
  for (const member of members) {
    for (const entry of entries) if (entry.parent === member) members.add(entry.pid);
  }
  return [...members];
}

/** The remaining processes of the group of a part that wrote this log. Empty where there is no /proc. */
export function leftOfGroup(leader: number, log: string): number[] {
  const ours = allEntries().filter((entry) => entry.group === leader);
  return ours.map((entry) => entry.pid).filter((pid) => logOf(pid) === log);
}

/** The log of the part to which the process belongs, from its environment. */
export function logOf(pid: number): string | undefined {
  const variable = read(`/proc/${pid}/environ`)
    .split("\0")
    .find((line) => line.startsWith(`${LOG_VARIABLE}=`));
  return variable?.slice(LOG_VARIABLE.length + 1);
}

/** Megabytes that these processes hold, with shared pages counted once; undefined where the system does not tell. */
export function memoryMegabytes(pids: readonly number[]): number | undefined {
  const kilobytes = pids.map((pid) => /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1]);
  const known = kilobytes.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  return Math.round(known.reduce((sum, value) => sum + Number(value), 0) / 1024);
}

/** The processor time that these processes have used, in seconds; 0 where there is no /proc. */
export function processorSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const [, , , , , , , , , , , user = 0, system = 0] = statFields(pid).map(Number);
    return user + system;
  });
  return ticks.reduce((sum, value) => sum + value, 0) / TICKS_A_SECOND;
}

/** Sends a signal to a process or, with a negative pid, to a group. False if no process received it. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // ESRCH; macOS answers EPERM for a group whose members are all dead
  }
}

function allEntries(): Entry[] {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return pids.flatMap((pid) => readEntry(pid) ?? []).filter((entry) => !entry.isZombie);
}

/** proc(5): the name in parentheses may hold any character, so the fields are counted from its end. Empty if no such process runs. */
function statFields(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readEntry(pid: number): Entry | undefined {
  const fields = statFields(pid);
  const [state, parent, group] = fields;
  if (state === undefined) return undefined;
  // A dead process whose parent has not waited for it yet still has an entry, but does not run.
  const isZombie = state === "Z" || state === "X";
  return { pid, parent: Number(parent), group: Number(group), isZombie, startedAt: fields[19] ?? "" };
}

function startTimeFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  const [state, ...start] = stdout.trim().split(/\s+/);
  return state === "" || state?.startsWith("Z") ? undefined : start.join(" ");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process ended, or belongs to another user
  }
}
