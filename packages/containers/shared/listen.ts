import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";

type FetchHandler = (request: Request) => Response | Promise<Response>;

export interface Listener {
  port: number;
  /** Takes no new request, lets those under way finish, then cuts what is left. */
  close(drainSeconds: number): Promise<void>;
}

/** Serves an app over HTTP/1.1. Port 0 takes any free one. Rejects when the port is taken. */
export async function listen(
  fetch: FetchHandler,
  options: { port: number; host: string },
): Promise<Listener> {
  let isDraining = false;
  const answer: FetchHandler = async (request) => {
    const response = await fetch(request);
    if (isDraining) response.headers.set("connection", "close");
    return response;
  };
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      // Over the balancer's 60 s, so that it never sends a request into a connection that is being closed.
      keepAliveTimeout: 65_000,
      // How often the time-outs above are looked at; the default of 30 s would double them.
      connectionsCheckingInterval: 1_000,
    },
    getRequestListener(answer),
  );
  server.listen(options.port, options.host);
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

async function drain(server: Server, seconds: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // close() ends the connections that are idle now; these turn idle later, and would be kept for 65 s.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), seconds * 1_000);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
}
