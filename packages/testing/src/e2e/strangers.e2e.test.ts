import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { family } from "@cloud-design/local/supervisor/process-table";
import { expect, inject, it } from "vitest";
import { platform } from "./client.ts";
import { rawHttp } from "./raw-http.ts";

/** Requests that a web page can send from a developer's browser without their consent. */
const FOREIGN = [
  ["a name that leads here (DNS rebinding)", { host: "attacker.example" }, []],
  ["a script of another site", {}, ["Origin: https://attacker.example", "Sec-Fetch-Site: cross-site"]],
  ["a page that hides where it is from", {}, ["Origin: null", "Sec-Fetch-Site: cross-site"]],
] as const;

/** Every TCP port on which a process of the platform listens, read from the kernel, so that a new server is tested without a change here. */
function listeningPorts(): number[] {
  const { parts = {} } = readPlatform(inject("local")) ?? {};
  const pids = Object.values(parts).flatMap(({ pid }) => (pid === null ? [] : family(pid)));
  const sockets = new Set(pids.flatMap(socketsOf));
  const ports = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(`socket:[${inode}]`))
      .map(([, local = ""]) => Number.parseInt(local.split(":")[1] ?? "", 16)),
  );
  return [...new Set(ports)];
}

function socketsOf(pid: number): string[] {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory).map((descriptor) => readlinkSync(join(directory, descriptor)));
  } catch {
    return []; // The process has ended meanwhile, or has closed the file.
  }
}

/** PostgreSQL, RabbitMQ and Erlang close the connection on HTTP, or do not answer it. */
async function answerOf(port: number, ...[line, headers, options]: Parameters<typeof rawHttp>) {
  const at = `http://127.0.0.1:${port}`;
  const answer = await rawHttp(line, headers, { ...options, at }).catch(() => undefined);
  return answer?.status;
}

const SERVERS = ["inventory-database", "billing-database", "rabbitmq"];
const BROWSERLESS = ["sqs", "telemetry", "inventory", "billing"];
const PORTS = Object.entries(platform.parts)
  .filter(([name, { port }]) => port > 0 && !SERVERS.includes(name))
  .map(([name, { port }]) => ({ name, port }));

it("every HTTP server of the platform is among those that the kernel lists", () => {
  const listening = listeningPorts();
  for (const { port } of PORTS) expect(listening).toContain(port);
  expect(listening.length).toBeGreaterThan(PORTS.length);
});

it("no port of the platform answers a request that a page of another site can send", async () => {
  const asked = listeningPorts().flatMap((port) =>
    FOREIGN.flatMap(([who, options, headers]) =>
      ["GET / HTTP/1.1", "POST / HTTP/1.1"].map(async (line) => {
        const status = await answerOf(port, line, [...headers, "Content-Length: 0"], { ...options });
        return { port, who, line, status };
      }),
    ),
  );
  const open = (await Promise.all(asked)).filter(({ status }) => ![undefined, 400, 403].includes(status));
  expect(open).toEqual([]);
});

it("another user of this machine cannot read any file of the platform", () => {
  expect(openToOthers(inject("local"))).toEqual([]);
});

/** Files that group or others may read, and reach. */
function openToOthers(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    const mode = entry.isSymbolicLink() ? 0 : (statSync(path, { throwIfNoEntry: false })?.mode ?? 0);
    if (entry.isDirectory()) return (mode & 0o011) === 0 ? [] : openToOthers(path);
    return (mode & 0o044) === 0 || entry.isSocket() ? [] : [path];
  });
}

it.each(BROWSERLESS)("%s, which no browser needs, refuses a link from another site", async (name) => {
  const port = platform.parts[name]?.port ?? 0;
  expect([400, 403]).toContain(await answerOf(port, "GET / HTTP/1.1", ["Sec-Fetch-Site: cross-site"]));
});
