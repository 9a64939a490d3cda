import { createHash } from "node:crypto";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { explain } from "./errors.ts";
import type { Fleet } from "./fleet.ts";
import { SetupError } from "./part.ts";
import { runningPlatform } from "./platform-file.ts";

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux. */
const SOCKET_PATH_MAX = 100;

export interface Change {
  /** False when there was nothing to do. */
  changed: boolean;
  seconds: number;
}

export function controlPath(directory: string): string {
  const path = join(directory, "control.sock");
  if (Buffer.byteLength(path) <= SOCKET_PATH_MAX) return path;
  const hash = createHash("sha256").update(directory).digest("hex").slice(0, 16);
  return join(tmpdir(), `cloud-design-${hash}.sock`);
}

/** Lets `npm run ops` see and change the parts: `GET /parts`, `POST /parts/NAME/stop|start|restart`. */
export async function serveControl(directory: string, fleet: Fleet): Promise<{ close(): Promise<void> }> {
  const path = controlPath(directory);
  const server = createServer(async (incoming, outgoing) => {
    const answer = await respond(incoming, fleet).catch((error: unknown) => ({ error: explain(error) }));
    outgoing.end(JSON.stringify(answer));
  });
  rmSync(path, { force: true }); // left by a supervisor that was killed
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject).listen(path, listening.resolve);
  await listening.promise;
  chmodSync(path, 0o600);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { close };
}

/** Asks the running supervisor; what it refuses is thrown. */
export async function askControl<T>(directory: string, method: "GET" | "POST", path: string): Promise<T> {
  const { control } = runningPlatform(directory);
  const body = await new Promise<string>((resolve, reject) => {
    const asked = request({ socketPath: control, method, path }, (response) =>
      text(response).then(resolve, reject),
    );
    asked.once("error", reject).end();
  }).catch((error: Error) => {
    throw new SetupError(`The platform does not answer (${error.message}): it is just starting or stopping.`);
  });
  const answer = JSON.parse(body);
  if (answer.error !== undefined) throw new SetupError(answer.error);
  return answer;
}

async function respond({ method, url = "" }: IncomingMessage, fleet: Fleet): Promise<unknown> {
  if (method === "GET" && url === "/parts") return fleet.status();
  const [, name = "", verb = ""] = /^\/parts\/([^/]+)\/(stop|start|restart)$/.exec(url) ?? [];
  const managed = fleet.parts.get(decodeURIComponent(name));
  if (managed === undefined) throw new SetupError(`There is no part ${name} to ${verb} here.`);
  if (fleet.state !== "running")
    throw new SetupError(`The platform is ${fleet.state}: try again when it runs.`);
  const since = performance.now();
  let changed = true;
  if (verb !== "start") changed = await managed.stop();
  if (verb !== "stop")
    changed = await managed
      .start(() => {})
      .catch((error: unknown) => {
        fleet.announceFailure(managed, error);
        throw error;
      });
  return { changed, seconds: (performance.now() - since) / 1000 } satisfies Change;
}
