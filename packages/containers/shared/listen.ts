import { once } from "node:events";
import type { Server } from "node:http";
import type { Identity } from "@cloud-design/core/certificate";
import { problem } from "@cloud-design/http";
import { secure } from "@cloud-design/http/secure";
import { BACKLOG, createProblemServer, drain } from "@cloud-design/http/server";
import { getRequestListener } from "@hono/node-server";

type FetchHandler = (request: Request) => Response | Promise<Response>;

export interface Listener {
  port: number;
  /** Accepts no new request, lets those in flight finish, then cuts the rest. */
  close(drainSeconds: number): Promise<void>;
}

/** Long-running tasks read renewed certificates this often. */
const RENEW_MS = 24 * 60 * 60 * 1_000;

interface ListenOptions {
  port: number;
  host: string;
  siteUrl: string;
  /** With it the server speaks only HTTPS; without it HTTP, as on a laptop. */
  identity?: (() => Promise<Identity>) | undefined;
}

/** Serves an app over HTTP/1.1. Port 0 takes any free port. Rejects when the port is taken. */
export async function listen(fetch: FetchHandler, options: ListenOptions): Promise<Listener> {
  const { siteUrl, identity } = options;
  let isDraining = false;
  const answer: FetchHandler = async (request) => {
    const response = await fetch(request);
    if (isDraining) response.headers.set("connection", "close");
    return response;
  };
  // The app handles its own failures, so this is only reached for a URL from which no request can be built.
  const errorHandler = () => problem(siteUrl, "invalid-request", "The Host header or the path is not valid.");
  const server = createProblemServer({ siteUrl }, getRequestListener(answer, { errorHandler }));
  if (identity) await secureWith(server, identity);
  server.listen(options.port, options.host, BACKLOG);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return {
    port,
    close(drainSeconds) {
      isDraining = true;
      return drain(server, drainSeconds);
    },
  };
}

async function secureWith(server: Server, identity: () => Promise<Identity>): Promise<void> {
  const secured = secure(server, await identity());
  const renew = async () => secured.setSecureContext(await identity());
  // The load balancer accepts an old certificate too, so a failed renewal must not stop the service; the next one is a
  // day away.
  const timer = setInterval(() => void renew().catch(() => {}), RENEW_MS).unref();
  server.once("close", () => clearInterval(timer));
}
