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
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      // Over the balancer's 60 s, so that it never sends a request into a connection that is being closed.
      keepAliveTimeout: 65_000,
      // How often the time-outs above are looked at; the default of 30 s would double them.
      connectionsCheckingInterval: 1_000,
    },
    getRequestListener(fetch),
  );
  server.listen(options.port, options.host);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  return { port, close: (drainSeconds) => drain(server, drainSeconds) };
}

async function drain(server: Server, seconds: number): Promise<void> {
  server.on("request", (_, response) => response.setHeader("connection", "close"));
  const closed = once(server, "close");
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), seconds * 1_000);
  await closed;
  clearTimeout(cut);
}
