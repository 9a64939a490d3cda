import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const PATIENCE = { timeout: 60_000 };

/** An echo server that ends a connection when the other side does. */
const echo = createServer((socket) => socket.on("error", () => {}).pipe(socket));
let proxy: TcpProxy;

beforeAll(async () => {
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await openTcpProxy((echo.address() as AddressInfo).port);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  echo.close();
});

async function opened(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Unlike `once`, this does not reject at an earlier error. */
function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once("close", resolve));
}

async function said(socket: Socket, text: string): Promise<string> {
  let heard = "";
  // One listener for all chunks: between two listeners a chunk would be lost.
  const listen = (chunk: Buffer) => {
    heard += String(chunk);
  };
  socket.on("data", listen).write(text);
  await vi.waitUntil(() => heard.length >= text.length, PATIENCE);
  socket.off("data", listen);
  return heard;
}

describe("a connection through the proxy", () => {
  it("carries bytes in their order, whatever the delay", async () => {
    const socket = await opened();
    const text = Array.from({ length: 2_000 }, (_, index) => index).join(" ");
    for (const trouble of [
      { kind: "none" },
      { kind: "latency", milliseconds: 20 },
      { kind: "bandwidth", bytesPerSecond: 100_000 },
    ] as const) {
      await proxy.suffer(trouble);
      expect(await said(socket, text)).toBe(text);
    }
    await proxy.suffer({ kind: "none" });
    socket.destroy();
  });

  it("receives nothing from a black hole, and is reset when the black hole ends", async () => {
    const socket = await opened();
    await proxy.suffer({ kind: "black-hole" });
    const late = await opened();
    socket.write("lost");
    const closed = Promise.all([closing(socket), closing(late)]);
    await proxy.suffer({ kind: "none" });
    await closed;
    expect([socket.bytesRead, late.bytesRead]).toEqual([0, 0]);
  });

  it("is reset, and so is each new one", async () => {
    const socket = await opened();
    const failed = once(socket, "error");
    await proxy.suffer({ kind: "reset" });
    expect(String((await failed)[0])).toContain("ECONNRESET");
    const next = connect({ port: proxy.port, host: "127.0.0.1" });
    const [error] = await once(next, "error");
    expect(String(error)).toContain("ECONNRESET");
    await proxy.suffer({ kind: "none" });
  });

  it("ends when the network is cut, and no new one opens until the network is repaired", async () => {
    const socket = await opened();
    const closed = closing(socket);
    await proxy.suffer({ kind: "cut" });
    await closed;
    const [error] = await once(connect({ port: proxy.port, host: "127.0.0.1" }), "error");
    expect(String(error)).toContain("ECONNREFUSED");
    await proxy.suffer({ kind: "none" });
    const next = await opened();
    expect(await said(next, "again")).toBe("again");
    next.destroy();
  });

  it("is closed at its first message, and counted", async () => {
    const socket = await opened();
    const closed = closing(socket);
    await proxy.suffer({ kind: "hang-up" });
    await closed;
    const before = proxy.accepted;
    const next = await opened();
    next.resume().write("hello");
    await closing(next);
    expect([next.bytesRead, proxy.accepted - before]).toEqual([0, 1]);
    await proxy.suffer({ kind: "none" });
  });

  it("notices late that the other side has closed or reset it", async () => {
    await proxy.suffer({ kind: "slow-close", milliseconds: 50 });
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const accepted = once(echo, "connection");
      const socket = await opened();
      const [other] = (await accepted) as [Socket];
      const closed = closing(socket.resume());
      const leftAt = performance.now();
      other[leave]();
      await once(other, "close");
      await closed;
      expect(performance.now() - leftAt).toBeGreaterThanOrEqual(45);
    }
    await proxy.suffer({ kind: "none" });
  });

  it("never notices through a black hole that the other side has reset it", async () => {
    const accepted = once(echo, "connection");
    const socket = await opened();
    const [other] = (await accepted) as [Socket];
    await proxy.suffer({ kind: "black-hole" });
    other.resetAndDestroy();
    await once(other, "close");
    // The proxy runs in this process, so it has handled the reset by the time that it accepts another connection.
    const late = await opened();
    expect(socket.closed).toBe(false);
    const closed = Promise.all([closing(socket), closing(late)]);
    await proxy.suffer({ kind: "none" });
    await closed;
  });
});
