import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { basename } from "node:path";
import { type Part, SetupError } from "../part.ts";
import { flagOfPort, type Settings } from "../settings.ts";

/** Refuses to start while any port of any part is taken: all of them are named at once, each with its flag. */
export async function refuseTakenPorts(parts: readonly Part[], settings: Settings): Promise<void> {
  const wanted = parts.flatMap((part) => [
    { port: part.port, what: part.name },
    ...Object.entries(part.otherPorts ?? {}).map(([use, port]) => ({ port, what: `${part.name}, ${use}` })),
  ]);
  const lines: string[] = [];
  for (const { port, what } of wanted) {
    if (port === 0 || (await isFree(port))) continue;
    const flag = flagOfPort(settings, port);
    const change = flag === undefined ? "" : `, or choose another with \`npm start -- ${flag} N\``;
    lines.push(`Port ${port} (${what}) is taken${holder(port)}: free it${change}.`);
  }
  if (lines.length > 0) throw new SetupError(lines.join("\n"));
}

/** Nobody listens on it, neither on the loopback address alone nor on all addresses. */
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

/** Who listens there, where /proc tells: of other users' processes only root may know. */
function holder(port: number): string {
  if (process.platform !== "linux") return "";
  const inodes = listeningInodes(port);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      for (const file of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${file}`))?.[1];
        if (inode === undefined || !inodes.has(inode)) continue;
        const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return ` by ${basename(program)} (pid ${pid})`;
      }
    } catch {} // ended meanwhile, or not ours to look into
  }
  return "";
}

/** proc_net_tcp(5): `sl local_address rem_address st ... inode`, addresses in hexadecimal, state 0A listens. */
function listeningInodes(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["tcp", "tcp6"].flatMap((table) => readFileSync(`/proc/net/${table}`, "utf8").split("\n"));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const listening = fields.filter(([, local, , state]) => local?.endsWith(suffix) && state === "0A");
  return new Set(listening.map((row) => row[9] ?? ""));
}
