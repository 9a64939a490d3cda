import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { selfSignedCertificate } from "./certificate.ts";

/** How a connection ends: by a FIN, by a reset, or after a fatal error with this code. */
export type Ending = "fin" | "rst" | `${number}${string}`;

export interface Message {
  /** `> Parse` comes from the client, `< DataRow` from the server. */
  name: string;
  bytes: Buffer;
}

export interface Protocol {
  /** Splits the bytes that client and server send on one connection into messages. */
  messagesOf(): (from: "client" | "server", chunk: Buffer) => Message[];
  /** A fatal error of the server with this code. */
  fatalError(code: string): Buffer;
}

export interface MessageCutter extends AsyncDisposable {
  port: number;
  /** Messages in both directions since the last `cut` or `mend`; `> Parse` comes from the client. */
  readonly seen: readonly string[];
  /** Connections since the last `cut` or `mend`. */
  readonly connections: number;
  /** Clients that are connected now. */
  readonly open: number;
  /** Ends one connection, the one on which message number `after` passes; messages of all connections count. */
  cut(after: number, by: Ending): void;
  /** Until `mend`, ends every connection after its own message number `after`. */
  cutEach(after: number, by: Ending): void;
  /** Calls `act` after `after` messages, and ends no connection. */
  when(after: number, act: () => void): void;
  mend(): void;
}

interface Plan {
  after: number;
  by: Ending | (() => void);
  isForEach: boolean;
}

/**
 * A proxy in front of a server without TLS. It knows where each message ends and can hang up there. With `tls` it
 * speaks TLS to clients of PostgreSQL, and can hang up within the TLS session as well.
 */
export async function openMessageCutter(
  target: string,
  protocol: Protocol,
  { tls = false } = {},
): Promise<MessageCutter> {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const certificate = tls ? selfSignedCertificate("localhost") : undefined;
  let plan: Plan | undefined;
  let seen: string[] = [];
  let connections = 0;

  function renew(next?: Plan): void {
    plan = next;
    seen = [];
    connections = 0;
  }

  /** How the connection ends after this message, if it does; `own` counts the messages of this connection. */
  function note(name: string, own: number): Ending | undefined {
    seen.push(name);
    if (!plan || plan.after !== (plan.isForEach ? own : seen.length)) return undefined;
    if (typeof plan.by === "string") return plan.by;
    plan.by();
    return undefined;
  }

  const server = createServer({ noDelay: true }, (client) => {
    connections++;
    clients.add(client.on("close", () => clients.delete(client)));
    const upstream = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    const line = { raw: client, client, upstream, protocol };
    if (plan?.after === 0 && (plan.isForEach || connections === 1)) {
      if (typeof plan.by === "string") return hangUp(line, plan.by);
      plan.by();
    }
    carry(line, certificate, note);
  });
  server.listen(0, "localhost");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    get seen() {
      return seen;
    },
    get connections() {
      return connections;
    },
    get open() {
      return clients.size;
    },
    cut: (after, by) => renew({ after, by, isForEach: false }),
    cutEach: (after, by) => renew({ after, by, isForEach: true }),
    when: (after, act) => renew({ after, by: act, isForEach: false }),
    mend: () => renew(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

interface Line {
  /** The TCP socket below TLS. */
  raw: Socket;
  client: Socket;
  upstream: Socket;
  protocol: Protocol;
}

function carry(
  line: Line,
  certificate: ReturnType<typeof selfSignedCertificate> | undefined,
  note: (name: string, own: number) => Ending | undefined,
): void {
  const parse = line.protocol.messagesOf();
  let own = 0;
  let isOver = false;

  /** Forwards one message after the other, up to the one after which the connection ends. */
  function pass(from: "client" | "server", chunk: Buffer): void {
    for (const { name, bytes } of parse(from, chunk)) {
      if (isOver) return;
      const asksForTls = certificate && name === "> SSLRequest";
      if (!asksForTls) (from === "client" ? line.upstream : line.client).write(bytes);
      end(note(name, ++own));
      if (!asksForTls || isOver) continue;
      line.client.write("S");
      end(note("< yes to TLS", ++own));
      if (!isOver) encrypt();
    }
  }

  function end(by: Ending | undefined): void {
    if (by === undefined) return;
    isOver = true;
    hangUp(line, by);
  }

  function encrypt(): void {
    line.raw.removeAllListeners("data");
    line.client = new TLSSocket(line.raw, {
      isServer: true,
      secureContext: createSecureContext(certificate),
    });
    line.client.on("error", () => {});
    listenToClient();
  }

  function listenToClient(): void {
    line.client.on("data", (chunk) => pass("client", chunk));
    line.client.on("close", () => line.upstream.end());
  }

  listenToClient();
  line.upstream.on("data", (chunk) => pass("server", chunk));
  line.upstream.on("close", () => isOver || line.client.end());
}

/** The connection to the server ends in an orderly way, so that the server reads everything that was forwarded. */
function hangUp({ raw, client, upstream, protocol }: Line, by: Ending): void {
  upstream.end();
  if (by === "rst") return void raw.resetAndDestroy();
  if (by !== "fin") client.write(protocol.fatalError(by));
  client.end();
  // Otherwise the end of the other side would stay unread.
  client.resume();
}
