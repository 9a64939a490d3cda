import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { selfSignedCertificate } from "./certificate.ts";

/** How a connection ends: by a FIN, by a reset, or after a fatal error with this code. */
export type Ending = "fin" | "rst" | `${number}${string}`;

export interface Message {
  /** `> Parse` is the client's, `< DataRow` the server's. */
  name: string;
  bytes: Buffer;
}

export interface Protocol {
  /** Cuts what a client and a server say on one connection into messages. */
  messagesOf(): (from: "client" | "server", chunk: Buffer) => Message[];
  /** The server's last words: a fatal error with this code. */
  fatalError(code: string): Buffer;
}

export interface MessageCutter extends AsyncDisposable {
  port: number;
  /** Messages since the last `cut` or `mend`, in both directions: `> Parse` is the client's. */
  readonly seen: readonly string[];
  /** Connections since then. */
  readonly connections: number;
  /** Clients that are connected now. */
  readonly open: number;
  /** Ends one connection: the one through which so many more messages have passed. */
  cut(after: number, by: Ending): void;
  /** Ends each connection that has not yet passed so many messages when they have, until `mend`. */
  cutEach(after: number, by: Ending): void;
  /** Calls `act` when so many messages have passed, and ends nothing. */
  when(after: number, act: () => void): void;
  mend(): void;
}

interface Plan {
  after: number;
  by: Ending | (() => void);
  isForEach: boolean;
}

/**
 * A door in front of a server without TLS that knows where each message ends, and hangs up there. With `tls` it speaks TLS to clients of
 * PostgreSQL, and can hang up within that as well.
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

  /** Whether the connection ends behind this message, which is its own so many-th. */
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
  /** The TCP socket itself, below TLS. */
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

  /** Hands on one message after the other, up to the one behind which the connection ends. */
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

/** The server's side ends orderly: what has come through so far it shall have read. */
function hangUp({ raw, client, upstream, protocol }: Line, by: Ending): void {
  upstream.end();
  if (by === "rst") return void raw.resetAndDestroy();
  if (by !== "fin") client.write(protocol.fatalError(by));
  client.end();
  // Or the end of the other side would stay unread.
  client.resume();
}
