import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@cloud-design/local/servers/free-port";

/** The faults of a network that the proxy imitates. */
export type Trouble =
  | { kind: "none" }
  /** Each chunk arrives this much later, in order. */
  | { kind: "latency"; milliseconds: number }
  /** Nothing arrives and no side is informed: connections stay open, and new ones open. */
  | { kind: "black-hole" }
  /** Connections are reset, and new ones too. */
  | { kind: "reset" }
  /** Connections end, and new ones are refused. */
  | { kind: "cut" }
  /** Connections end, and new ones end at their first message. */
  | { kind: "hang-up" }
  /** The end of one side, also a reset, reaches the other side this much later. */
  | { kind: "slow-close"; milliseconds: number }
  | { kind: "bandwidth"; bytesPerSecond: number };

export interface TcpProxy extends AsyncDisposable {
  port: number;
  /** The number of connections so far. */
  readonly accepted: number;
  /** Applies to all connections, existing and new ones, until the next call. */
  suffer(trouble: Trouble): Promise<void>;
}

const NONE: Trouble = { kind: "none" };

/** Carries TCP from a port of its own to `target` on this machine, with or without a fault. */
export async function openTcpProxy(target: number): Promise<TcpProxy> {
  const port = await freePort();
  let trouble: Trouble = NONE;
  let accepted = 0;
  const sockets = new Set<Socket>();
  const current = () => trouble;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted++;
    if (trouble.kind === "hang-up") return hangUp(client);
    if (trouble.kind === "reset") return void client.resetAndDestroy();
    const upstream = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    carry(client, upstream, current);
    carry(upstream, client, current);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {
        const now = current();
        if (now.kind === "black-hole") return;
        if (now.kind === "slow-close") setTimeout(() => other.resetAndDestroy(), now.milliseconds);
        else other.resetAndDestroy();
      });
      socket.on("close", () => sockets.delete(socket));
    }
  });
  await listen(server, port);

  return {
    port,
    get accepted() {
      return accepted;
    },
    async suffer(next) {
      const wasCut = trouble.kind === "cut";
      const lostBytes = trouble.kind === "black-hole";
      trouble = next;
      if (next.kind === "cut") await close(server, sockets);
      if (next.kind === "hang-up") for (const socket of sockets) socket.destroy();
      // Bytes that a black hole has swallowed are missing in the middle of a stream. TCP would have noticed that, so only a new connection helps.
      if (next.kind === "reset" || (lostBytes && next.kind !== "black-hole"))
        for (const socket of sockets) socket.resetAndDestroy();
      if (wasCut && next.kind !== "cut") await listen(server, port);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await close(server, sockets);
    },
  };
}

function hangUp(socket: Socket): void {
  socket.on("error", () => {}).once("data", () => socket.destroy());
}

/** One direction: chunks in their order, each with the fault of its moment. */
function carry(from: Socket, to: Socket, trouble: () => Trouble): void {
  let turn: Promise<unknown> = Promise.resolve();
  const next = (step: () => Promise<void>) => {
    turn = turn.then(step).catch(() => to.destroy());
  };
  from.on("data", (chunk) => {
    const now = trouble();
    if (now.kind === "black-hole") return;
    const dueAt = performance.now() + (now.kind === "latency" ? now.milliseconds : 0);
    from.pause();
    next(async () => {
      await sleep(Math.max(0, dueAt - performance.now()));
      if (now.kind === "bandwidth") await trickle(to, chunk, now.bytesPerSecond);
      else to.write(chunk);
    });
    // Later chunks may be under way meanwhile, because latency does not limit the bandwidth.
    if (now.kind === "bandwidth") next(async () => void from.resume());
    else from.resume();
  });
  from.on("end", () => {
    const now = trouble();
    if (now.kind === "black-hole") return;
    next(async () => {
      if (now.kind === "slow-close") await sleep(now.milliseconds);
      to.end();
    });
  });
}

async function trickle(to: Socket, chunk: Buffer, bytesPerSecond: number): Promise<void> {
  const bytes = Math.max(1, Math.floor(bytesPerSecond / 20));
  for (let start = 0; start < chunk.length; start += bytes) {
    to.write(chunk.subarray(start, start + bytes));
    await sleep(50);
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function close(server: Server, sockets: Iterable<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
