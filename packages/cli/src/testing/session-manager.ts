import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";

/** One forwarded port, as the plugin noted it when it began to listen. */
interface NotedSession {
  pid: number;
  target: string;
  host: string;
  port: string;
  localPort: number;
}

export interface SessionManager extends AsyncDisposable {
  /** A folder with `aws` and `session-manager-plugin`, for the front of PATH. */
  directory: string;
  /** The real address of a host of the stage, as `address:port`; other hosts cannot be reached. */
  place(hosts: Readonly<Record<string, string>>): Promise<void>;
  /** The error that `aws ssm start-session` prints instead of opening a session. */
  refuse(sentence: string | undefined): Promise<void>;
  sessions(): Promise<NotedSession[]>;
}

/** Like AWS CLI 2, it does not react to Ctrl-C itself, and ends with its plugin. */
const AWS = `
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
const [service, verb, ...rest] = process.argv.slice(2);
if (service === "--version") {
  console.log("aws-cli/2.31.5 Python/3.13.7 Linux/6.1 exe/x86_64.debian.12");
  process.exit(0);
}
const refusal = readFileSync(process.env.SESSIONS + "/refusal", "utf8");
if (service !== "ssm" || verb !== "start-session" || refusal) {
  console.error("\\n" + (refusal || "aws: error: argument command: Invalid choice"));
  process.exit(254);
}
const flag = (name) => rest[rest.indexOf(name) + 1];
process.on("SIGINT", () => {});
const plugin = spawn("session-manager-plugin", [flag("--target"), flag("--document-name"), flag("--parameters")], { stdio: "inherit" });
plugin.on("exit", (code) => process.exit(code ?? 255));
`;

/** Really forwards the port. */
const PLUGIN = `
import { appendFileSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
const [target, document, parameters] = process.argv.slice(2);
if (target === "--version") {
  console.log("1.2.707.0");
  process.exit(0);
}
if (document !== "AWS-StartPortForwardingSessionToRemoteHost") throw new Error(document);
const { host: [host], portNumber: [port], localPortNumber: [localPort] } = JSON.parse(parameters);
const note = (what) => appendFileSync(process.env.SESSIONS + "/sessions", JSON.stringify({ what, pid: process.pid, target, host, port, localPort: Number(localPort) }) + "\\n");
process.on("SIGINT", () => {
  console.log("Terminate signal received, exiting.");
  note("close");
  process.exit(0);
});
const server = createServer((near) => {
  const [address, real] = (JSON.parse(readFileSync(process.env.SESSIONS + "/hosts", "utf8"))[host] ?? "").split(":");
  const far = connect({ host: address, port: Number(real) });
  for (const end of [near, far]) end.on("error", () => {});
  near.pipe(far).pipe(near);
});
server.listen({ host: "127.0.0.1", port: Number(localPort) }, () => {
  note("open");
  console.log("\\nStarting session with SessionId: somebody-0a1b2c\\nPort " + localPort + " opened for sessionId somebody-0a1b2c.\\nWaiting for connections...");
});
`;

/** Programs in place of AWS's own: the same output, and a real port that leads to an address of the test. They read the settings from SESSIONS. */
export async function installSessionManager(): Promise<SessionManager> {
  const directory = await temporaryDirectory();
  const path = (name: string) => join(directory.path, name);
  const install = async (name: string, code: string) => {
    await writeFile(path(`${name}.mjs`), code);
    await writeFile(path(name), `#!/bin/sh\nexec "${process.execPath}" "${path(name)}.mjs" "$@"\n`);
    await chmod(path(name), 0o755);
  };
  await Promise.all([install("aws", AWS), install("session-manager-plugin", PLUGIN)]);
  await Promise.all([
    writeFile(path("hosts"), "{}"),
    writeFile(path("refusal"), ""),
    writeFile(path("sessions"), ""),
  ]);
  return {
    directory: directory.path,
    place: (hosts) => writeFile(path("hosts"), JSON.stringify(hosts)),
    refuse: (sentence = "") => writeFile(path("refusal"), sentence),
    sessions: async () => openOf(await readFile(path("sessions"), "utf8")),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** Those that have not ended in order. */
function openOf(notes: string): NotedSession[] {
  const lines = notes.trim().split("\n").filter(Boolean);
  const all: (NotedSession & { what: string })[] = lines.map((line) => JSON.parse(line));
  const closed = new Set(all.filter(({ what }) => what === "close").map(({ pid }) => pid));
  return all
    .filter(({ what, pid }) => what === "open" && !closed.has(pid))
    .map(({ what, ...session }) => session);
}
