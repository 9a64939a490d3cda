import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { basename, dirname } from "node:path";
import { flagOfPort, portsFrom, type Settings } from "../platform/settings.ts";
import { type Part, SetupError } from "./part.ts";
import { readPlatform } from "./platform-file.ts";
import { isRunning, logOf } from "./process-table.ts";

/**
 * Refuses to start if any port of any part is taken. If another clone's platform holds them, the error names it; otherwise it lists all
 * taken ports, each with its flag.
 */
export async function refuseTakenPorts(parts: readonly Part[], settings: Settings): Promise<void> {
  const wanted = parts.flatMap((part) => [
    { port: part.port, what: part.name },
    ...Object.entries(part.otherPorts ?? {}).map(([use, port]) => ({ port, what: `${part.name}, ${use}` })),
  ]);
  const lines: string[] = [];
  for (const { port, what } of wanted) {
    if (port === 0 || (await isFree(port))) continue;
    const holder = findHolder(port);
    if (holder?.folder !== undefined) {
      throw new SetupError(
        `Another platform runs from ${holder.folder}: stop it, or start this one with \`npm start -- --ports ${await freeBase()}\`.`,
      );
    }
    const by = holder === undefined ? "" : ` by ${holder.program} (pid ${holder.pid})`;
    const flag = flagOfPort(settings, port);
    const change = flag === undefined ? "" : `, or choose another with \`npm start -- ${flag} N\``;
    lines.push(`Port ${port} (${what}) is taken${by}: free it${change}.`);
  }
  if (lines.length > 1) lines.push(`All ports move with \`npm start -- --ports ${await freeBase()}\`.`);
  if (lines.length > 0) throw new SetupError(lines.join("\n"));
}

/** The first round number above which every place has a free port. */
export async function freeBase(): Promise<number> {
  for (let base = 20_000; base < 32_000; base += 1_000) {
    const areFree = await Promise.all(Object.values(portsFrom(base)).map(isFree));
    if (areFree.every(Boolean)) return base;
  }
  return 20_000;
}

/** Whether the port is free, both on the loopback address and on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, "127.0.0.1")) && (await canListen(port));
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

interface Holder {
  pid: number;
  program: string;
  /** The folder of the platform to which the process belongs. */
  folder: string | undefined;
}

/** The process that listens on the port, where /proc tells: only root sees the processes of other users. */
function findHolder(port: number): Holder | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = listeningInodes(port);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const file of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1];
        if (inode === undefined || !inodes.has(inode)) continue;
        const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return { pid: Number(pid), program: basename(program), folder: folderOf(Number(pid)) };
      }
    } catch {} // it ended meanwhile, or belongs to another user
  }
  return undefined;
}

/** The process's own environment counts only if the description of a running platform confirms it. */
function folderOf(pid: number): string | undefined {
  const log = logOf(pid);
  if (log === undefined || /\p{Cc}/u.test(log)) return undefined;
  const directory = dirname(dirname(log));
  const platform = readPlatform(directory);
  if (platform === undefined || !isRunning(platform.supervisor)) return undefined;
  const isPart = Object.values(platform.parts).some((part) => part.log === log && part.pid !== null);
  if (!isPart) return undefined;
  return basename(directory) === ".local" ? dirname(directory) : directory;
}

/** proc_net_tcp(5): `sl local_address rem_address st ... inode`, addresses in hexadecimal, state 0A listens. */
function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n"));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const listening = fields.filter(([, local, , state]) => local?.endsWith(suffix) && state === "0A");
  return new Set(listening.map((row) => row[9] ?? ""));
}
