import { once } from "node:events";
import { Agent, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { BACKLOG, createProblemServer, drain, type ProblemServerOptions } from "./server.ts";

/** In milliseconds, far below the real time-outs. */
const IMPATIENT = { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 20 };
const HOST = "Host: a";
const GET = `GET / HTTP/1.1\r\n${HOST}\r\n\r\n`;

let server: Server | undefined;
afterEach(() => {
  vi.useRealTimers();
  server?.close().closeAllConnections();
});

/** Starts a server; resolves with its port. */
async function serve(
  listener: RequestListener,
  options: Partial<ProblemServerOptions> = {},
  backlog?: number,
): Promise<number> {
  server = createProblemServer({ siteUrl: "https://docs.example", ...options }, listener);
  await once(server.listen(0, "127.0.0.1", backlog), "listening");
  return (server.address() as AddressInfo).port;
}

function open(port: number, bytes = ""): Socket {
  const socket = connect({ host: "127.0.0.1", port }).on("error", () => {});
  if (bytes !== "") socket.write(bytes);
  return socket;
}

/** Everything that the server sends on a connection until it closes it. */
const say = (port: number, bytes: string) => text(open(port, bytes));
const statusesIn = (said: string) =>
  [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

/** The problem at the end of a connection. */
function problemIn(said: string): unknown {
  expect(said).toContain("content-type: application/problem+json");
  return JSON.parse(said.slice(said.lastIndexOf("\r\n\r\n")));
}

const INVALID = { type: "https://docs.example/problems/invalid-request", status: 400 };

/** Answers with the path; `/slow` only after `release`. */
function echo() {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const paths: (string | undefined)[] = [];
  const listener: RequestListener = async ({ url }, response) => {
    paths.push(url);
    if (url === "/slow") await released;
    response.end(url);
  };
  return { paths, release, listener };
}

describe("a slow client is disconnected and others are served:", () => {
  const BIG = Buffer.alloc(32 * 1024 * 1024);
  const listener: RequestListener = async (request, response) => {
    if (request.method === "POST") await text(request).catch(() => {});
    response.end(request.url === "/big" ? BIG : "hello");
  };

  async function expectServed(port: number): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    expect(await answer.text()).toBe("hello");
  }

  test.each([
    ["slow headers", `GET / HTTP/1.1\r\n${HOST}\r\nX-Slow:`],
    ["a slow body", `POST / HTTP/1.1\r\n${HOST}\r\nContent-Length: 1000\r\n\r\nabc`],
    ["a slow chunk", `POST / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nab`],
  ])("%s", async (_, bytes) => {
    const port = await serve(listener, IMPATIENT);
    const socket = open(port, bytes);
    const drip = setInterval(() => socket.write("x"), 50);
    const said = text(socket);
    await expectServed(port);
    expect(problemIn(await said)).toMatchObject({
      ...INVALID,
      detail: "The request took too long to arrive.",
    });
    clearInterval(drip);
  });

  test.each([
    ["headers", "", GET],
    ["a body", `POST / HTTP/1.1\r\n${HOST}\r\nContent-Length: 200000\r\n\r\n`, "x".repeat(200_000)],
  ])("but not one whose %s came while the server was frozen", async (_, before, meanwhile) => {
    const port = await serve(listener, IMPATIENT);
    const socket = open(port, before);
    await Promise.all([once(socket, "connect"), ...(server ? [once(server, "connection")] : [])]);
    if (before !== "") await once(server as Server, "request");
    socket.end(meanwhile);
    // The bytes are in the kernel, and this process does not read them for longer than its time-outs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 OK.*hello/s);
  });

  test("five hundred connections that send nothing, whose clients hear no word that they could take for an answer", async () => {
    const port = await serve(listener, IMPATIENT);
    const said = Array.from({ length: 500 }, () => text(open(port)));
    await expectServed(port);
    expect(await Promise.all(said)).toEqual(said.map(() => ""));
  });

  test("a client that does not read its answer", async () => {
    const port = await serve(listener, { answerTimeout: 300 });
    const request = `GET /big HTTP/1.1\r\n${HOST}\r\n\r\n`;
    const sockets = Array.from({ length: 10 }, () => open(port, request).pause());
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await expectServed(port);
    await vi.waitFor(async () => expect(await connectionsOf(server)).toBeLessThanOrEqual(1), 60_000);
    for (const socket of sockets) socket.destroy();
  });

  test("the timer of a client that has read its answer is cleared", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    const port = await serve((_request, response) => response.once("close", close).end("hello"));
    const socket = open(port, GET).resume();
    await closed;
    expect(vi.getTimerCount()).toBe(0);
    socket.destroy();
  });
});

describe("a request that comes after its connection was given up is not handled:", () => {
  const HEAD = `POST / HTTP/1.1\r\n${HOST}\r\n`;
  const LENGTH = "Content-Length: 6\r\n\r\n";
  const WHOLE = `${HEAD}${LENGTH}abcdef`;

  test.each([
    ["the rest of a body", `${HEAD}${LENGTH}abc`, "def", [400]],
    ["the rest of the headers", HEAD, `${LENGTH}abcdef`, [400]],
    ["the rest of the headers after an answered request", `${WHOLE}${HEAD}`, `${LENGTH}abcdef`, [200, 400]],
    ["the rest of the first line, and another request", "POST", ` ${WHOLE.slice(5)}${WHOLE}`, [400]],
    ["a whole request on a connection that was silent", "", WHOLE, []],
  ])("%s", async (_, before, after, statuses) => {
    const bodies: Promise<string>[] = [];
    const port = await serve((request, response) => {
      const body = text(request);
      bodies.push(body);
      void body.then(() => response.end()).catch(() => {});
    }, IMPATIENT);
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true }).on("error", () => {});
    if (before !== "") socket.write(before);
    let said = "";
    const isRefused = () => statusesIn(said).includes(400);
    socket.setEncoding("latin1").on("data", (bytes: string) => {
      const wasRefused = isRefused();
      said += bytes;
      if (!wasRefused && isRefused()) socket.end(after);
    });
    socket.once("end", () => isRefused() || socket.end(after));
    await once(socket, "close");
    expect(statusesIn(said)).toEqual(statuses);
    const handled = (await Promise.allSettled(bodies)).filter(({ status }) => status === "fulfilled");
    expect(handled).toHaveLength(statuses.filter((status) => status === 200).length);
  });
});

test.runIf(process.platform === "linux")(
  "two thousand clients that come at once are all connected",
  async () => {
    const port = await serve((_request, response) => response.end(), {}, BACKLOG);
    // The kernel does it while they are opened. One for which it has no place would be tried again only after a second.
    const sockets = Array.from({ length: 2_000 }, () => open(port));
    for (let turn = 0; turn < 100; turn++) await nextTurn();
    expect(sockets.filter(({ connecting }) => connecting)).toHaveLength(0);
    for (const socket of sockets) socket.destroy();
  },
);

async function connectionsOf(of: Server | undefined): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  of?.getConnections((_error, count) => resolve(count));
  return promise;
}

describe("each answer belongs to its own request:", () => {
  test("garbage after requests in flight ends the connection after all their answers", async () => {
    const { release, listener } = echo();
    const port = await serve(listener);
    const requests = ["/slow", "/a"].map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n\r\n`).join("");
    const said = say(port, `${requests}GARBAGE\r\n\r\n`);
    await expect((await fetch(`http://127.0.0.1:${port}/other`)).text()).resolves.toBe("/other");
    release();
    expect(statusesIn(await said)).toEqual([200, 200]);
  });

  test("a malformed body after a request in flight is refused after that request's answer", async () => {
    const { release, listener } = echo();
    const port = await serve(async (request, response) => {
      if (request.method === "POST") await text(request).catch(() => {});
      return listener(request, response);
    });
    const broken = `POST / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`;
    const said = say(port, `GET /slow HTTP/1.1\r\n${HOST}\r\n\r\n${broken}`);
    await expect((await fetch(`http://127.0.0.1:${port}/other`)).text()).resolves.toBe("/other");
    release();
    expect(statusesIn(await said)).toEqual([200, 400]);
  });

  test("a body that becomes malformed after its answer gets no second answer", async () => {
    const { listener } = echo();
    const port = await serve(listener);
    const socket = open(port, `POST / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    let said = "";
    socket.on("data", (data) => {
      said += data;
    });
    await once(socket, "data");
    socket.write("zz\r\n");
    await once(socket, "close");
    expect(statusesIn(said)).toEqual([200]);
  });

  test("a request after one with ambiguous framing is never handled", async () => {
    const { paths, listener } = echo();
    const port = await serve(listener);
    const doubtful = `POST / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`;
    for (const coding of ["gzip, chunked", "xchunked", '"chunked"']) {
      const request = doubtful.replace("gzip, chunked", coding);
      expect(statusesIn(await say(port, request + GET)), coding).toEqual([400]);
    }
    expect(paths).toEqual([]);
  });

  test("pipelined requests are answered in order", async () => {
    const { release, listener } = echo();
    const port = await serve(listener);
    const last = `GET /last HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`;
    const said = say(port, `GET /slow HTTP/1.1\r\n${HOST}\r\n\r\n${GET}${last}`);
    release();
    expect((await said).match(/(?<=\r\n\r\n)\/(slow|last)?/g)).toEqual(["/slow", "/", "/last"]);
  });
});

describe("a problem is the answer to", () => {
  const LINE = "GET / HTTP/1.1\r\n";

  test.each([
    ["garbage", "GARBAGE\r\n\r\n"],
    ["HTTP/0.9", "GET /\r\n\r\n"],
    ["HTTP/2 without its preface", `GET / HTTP/2.0\r\n${HOST}\r\n\r\n`],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a tunnel", "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n"],
    ["no Host", `${LINE}\r\n`],
    ["two Hosts", `${LINE}Host: a\r\nHost: b\r\n\r\n`],
    ["a malformed Host", `${LINE}Host: a b\r\n\r\n`],
    ["a fragment", `GET /#x HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ["a backslash", `GET /api\\movies HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ["no path", `OPTIONS * HTTP/1.1\r\n${HOST}\r\n\r\n`],
    ["a URL of another protocol", `GET ftp://a/ HTTP/1.1\r\n${HOST}\r\n\r\n`],
    [
      "two transfer codings",
      `POST / HTTP/1.1\r\n${HOST}\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])("%s", async (_, bytes) => {
    const { paths, listener } = echo();
    const said = await say(await serve(listener), bytes);
    expect(statusesIn(said)).toEqual([400]);
    expect(problemIn(said)).toMatchObject(INVALID);
    expect(paths).toEqual([]);
  });

  test.each(["/a/..", "/a/%2e%2E/b", "/./a", "/.%2e", "http://a/b/../c", "/a/..?x"])(
    "the path %s, which a URL parser would change",
    async (path) => {
      const { paths, listener } = echo();
      const said = await say(await serve(listener), `GET ${path} HTTP/1.1\r\n${HOST}\r\n\r\n`);
      expect(problemIn(said)).toMatchObject({ type: "https://docs.example/problems/not-found", status: 404 });
      expect(paths).toEqual([]);
    },
  );

  test("headers that are too large, with their limit", async () => {
    const port = await serve(echo().listener, { maxHeaderSize: 2_048 });
    const said = await say(port, `${LINE}${HOST}\r\nX: ${"x".repeat(2_048)}\r\n\r\n`);
    expect(problemIn(said)).toMatchObject({
      type: "https://docs.example/problems/headers-too-large",
      detail: "The request line and the headers are larger than 2 KB.",
    });
  });
});

test.each(["/a..b", "/...", "/?a=/../b", "/?a=b\\c", "/;/..;", "http://b/c"])(
  "the target %s is passed on unchanged",
  async (target) => {
    const { paths, listener } = echo();
    const said = await say(
      await serve(listener),
      `GET ${target} HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`,
    );
    expect(statusesIn(said)).toEqual([200]);
    expect(paths).toEqual([target]);
  },
);

test("an unsupported upgrade ends the connection, because Node drops the bytes right after it", async () => {
  const { paths, listener } = echo();
  const upgrade = `GET /up HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
  expect(statusesIn(await say(await serve(listener), upgrade + GET))).toEqual([200]);
  expect(paths).toEqual(["/up"]);
});

test("an unsupported upgrade and an unknown expectation are ignored", async () => {
  const { listener } = echo();
  const port = await serve(listener);
  for (const headers of [{ connection: "upgrade", upgrade: "h2c" }, { expect: "miracles" }]) {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    request({ port, host: "127.0.0.1", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("upgrade", () => reject(new Error("upgraded")))
      .on("error", reject)
      .end();
    expect(await promise).toBe(200);
  }
});

test.each([
  ["a tunnel", "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n"],
  ["an upgrade", `GET / HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
])("a client that asks for %s and resets the connection does not end the process", async (_, bytes) => {
  const port = await serve(echo().listener);
  const { promise: uncaught, resolve } = Promise.withResolvers<Error>();
  process.once("uncaughtExceptionMonitor", resolve);
  const { promise: closed, resolve: close } = Promise.withResolvers<boolean>();
  server?.once("connection", (socket: Socket) => socket.once("close", close));
  const socket = open(port, bytes);
  await once(socket, "data");
  socket.resetAndDestroy();
  expect(await Promise.race([closed, uncaught])).not.toBeInstanceOf(Error);
  process.off("uncaughtExceptionMonitor", resolve);
  await expect((await fetch(`http://127.0.0.1:${port}/other`)).text()).resolves.toBe("/other");
});

test("drains without waiting for idle connections that clients keep open", async () => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const port = await serve(async (_request, response) => {
    arrived.resolve();
    await gate.promise;
    response.end("done");
  });
  const agent = new Agent({ keepAlive: true });
  const answered = Promise.withResolvers<void>();
  request({ port, host: "127.0.0.1", agent }, (response) =>
    response.resume().on("end", answered.resolve),
  ).end();
  await arrived.promise;
  // Longer than this test may take: the test ends only if the drain does not wait.
  const drained = drain(server as Server, 600);
  gate.resolve();
  await answered.promise;
  await drained;
  expect(server?.listening).toBe(false);
  agent.destroy();
});
