import { createServer } from "node:http";
import { TARGET_GROUP } from "@cloud-design/containers/target-group";
import { parseJson } from "@cloud-design/core/json";
import { askSocket, listenOnSocket } from "../../supervisor/socket.ts";
import type { Balancer } from "./balancer.ts";

/** A balancer needs no longer than this for an answer on its socket. */
const ANSWER_SECONDS = TARGET_GROUP.deregistrationSeconds + 2;

/** Lets the supervisor register and deregister targets, as ECS does: `PUT` and `DELETE /targets/PORT`. */
export async function serveTargets(path: string, balancer: Balancer): Promise<{ close(): void }> {
  const server = createServer(async ({ method, url = "" }, outgoing) => {
    const port = Number(/^\/targets\/(\d+)$/.exec(url)?.[1]);
    if (method === "PUT") outgoing.end(JSON.stringify({ state: await balancer.register(port) }));
    else outgoing.end(JSON.stringify(await balancer.deregister(port)));
  });
  await listenOnSocket(server, path);
  return {
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Registers the target, and says whether it gets requests. A balancer that does not run yet begins with all of its targets. */
export async function isInService(path: string, port: number): Promise<boolean> {
  const answer = await ask(path, "PUT", port);
  return answer === undefined || Object(parseJson(answer)).state === "healthy";
}

/** Resolves once no request is on its way to the target, which is also so without a balancer. */
export async function deregister(path: string, port: number): Promise<void> {
  await ask(path, "DELETE", port);
}

/** Undefined if no balancer answers. */
function ask(path: string, method: string, port: number): Promise<string | undefined> {
  const signal = AbortSignal.timeout(ANSWER_SECONDS * 1_000);
  return askSocket(path, { method, url: `/targets/${port}`, signal }).catch(() => undefined);
}
