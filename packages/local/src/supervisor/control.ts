import { createServer, type IncomingMessage } from "node:http";
import { explain } from "./errors.ts";
import type { Fleet } from "./fleet.ts";
import type { ManagedPart } from "./managed-part.ts";
import { SetupError } from "./part.ts";
import { runningPlatform } from "./platform-file.ts";
import { askSocket, listenOnSocket, socketPath } from "./socket.ts";

export interface Change {
  /** False when there was nothing to do. */
  changed: boolean;
  seconds: number;
}

export function controlPath(directory: string): string {
  return socketPath(directory, "control");
}

/** Lets `npm run ops` see and change the parts: `GET /parts`, `POST /parts/NAME/stop|start|restart`. */
export async function serveControl(directory: string, fleet: Fleet): Promise<{ close(): Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    const answer = await respond(incoming, fleet).catch((error: unknown) => ({ error: explain(error) }));
    outgoing.end(JSON.stringify(answer));
  });
  await listenOnSocket(server, controlPath(directory));
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
  const body = await askSocket(control, { method, url: path }).catch((error: Error) => {
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
  const changed = await change(fleet, managed, verb);
  return { changed, seconds: (performance.now() - since) / 1000 } satisfies Change;
}

/** A part with copies behind it changes together with them. Its restart replaces them one by one, while the others serve. */
async function change(fleet: Fleet, managed: ManagedPart, verb: string): Promise<boolean> {
  const copies = (managed.part.copies ?? []).flatMap((name) => fleet.parts.get(name) ?? []);
  const start = (part: ManagedPart) =>
    part
      .start(() => {})
      .catch((error: unknown) => {
        fleet.announceFailure(part, error);
        throw error;
      });
  if (verb === "stop") {
    const changed = [await managed.stop(), ...(await Promise.all(copies.map((copy) => copy.stop())))];
    return changed.includes(true);
  }
  if (verb === "start") {
    const changed = [...(await Promise.all(copies.map(start))), await start(managed)];
    return changed.includes(true);
  }
  for (const copy of copies) {
    await copy.stop();
    await start(copy);
  }
  if (copies.length === 0) await managed.stop();
  await start(managed);
  return true;
}
