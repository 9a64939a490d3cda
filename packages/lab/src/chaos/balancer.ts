import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** The ALB's idle timeout of a connection. */
const IDLE_MILLISECONDS = 60_000;

export interface Balancer extends AsyncDisposable {
  /** How many requests each target has answered, by its port. */
  answered: ReadonlyMap<number, number>;
  register(target: number): void;
  /** Stops sending requests to the target; resolves once it has answered those in flight. */
  deregister(target: number): Promise<void>;
}

interface Target {
  agent: Agent;
  inHand: Set<Promise<void>>;
}

/**
 * The part of an ALB that matters for a drain: HTTP to the registered targets in turn, over connections that are kept open, without
 * retries. It answers 503 if it has no target and 502 if the target breaks off, both in HTML.
 */
export async function openBalancer(port: number): Promise<Balancer> {
  const targets = new Map<number, Target>();
  const answered = new Map<number, number>();
  let turn = 0;

  const server = createServer({ keepAliveTimeout: IDLE_MILLISECONDS }, (incoming, outgoing) => {
    const [port, target] = [...targets][turn++ % targets.size] ?? [];
    if (port === undefined || target === undefined) return refuse(outgoing, 503);
    const exchange = forward(port, target.agent, incoming, outgoing).then((isAnswered) => {
      if (isAnswered) answered.set(port, (answered.get(port) ?? 0) + 1);
      target.inHand.delete(exchange);
    });
    target.inHand.add(exchange);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });

  async function deregister(port: number): Promise<void> {
    const target = targets.get(port);
    targets.delete(port);
    await Promise.all(target?.inHand ?? []);
    target?.agent.destroy();
  }

  return {
    answered,
    register(target) {
      targets.set(target, {
        agent: new Agent({ keepAlive: true, timeout: IDLE_MILLISECONDS }),
        inHand: new Set(),
      });
    },
    deregister,
    async [Symbol.asyncDispose]() {
      await Promise.all([...targets.keys()].map(deregister));
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

/** Resolves once the exchange is over, with whether the target answered. */
function forward(
  port: number,
  agent: Agent,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<boolean> {
  return new Promise((resolve) => {
    const { method, url, headers } = incoming;
    const asked = request({ host: "127.0.0.1", port, agent, method, path: url, headers }, (response) => {
      // The target's keep-alive headers do not concern the balancer's own clients.
      const { connection, "keep-alive": kept, ...others } = response.headers;
      outgoing.writeHead(response.statusCode ?? 502, others);
      response.pipe(outgoing);
      response.once("close", () => {
        if (!response.complete) outgoing.destroy();
        resolve(response.complete);
      });
    });
    asked.once("error", () => {
      if (outgoing.headersSent) outgoing.destroy();
      else refuse(outgoing, 502);
      resolve(false);
    });
    outgoing.once("close", () => {
      if (!outgoing.writableFinished) asked.destroy();
    });
    incoming.pipe(asked);
  });
}

function refuse(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { "content-type": "text/html" }).end(`<html><h1>${status}</h1></html>`);
}
