import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";
import { createServerIdentity } from "@cloud-design/core/certificate";
import { afterEach, expect, test } from "vitest";
import { createSendPost, type Post } from "./post.ts";
import { publicLookup } from "./public-lookup.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const LAPTOP = { isLoopbackAllowed: true };
const AWS = { isLoopbackAllowed: false };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function portOf(server: Server): Promise<number> {
  servers.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function receiver(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await portOf(createServer(listener))}/events`;
}

const postTo = (url: string): Post => ({ url, headers: { "webhook-id": "evt_1" }, body: '{"a":"é"}' });

test("the receiver gets the headers and the body, and its status is the answer", async () => {
  let seen: unknown;
  const url = await receiver(async (request, response) => {
    const body = await text(request);
    const { "webhook-id": id, "content-type": type } = request.headers;
    seen = { method: request.method, path: request.url, id, type, body };
    response.writeHead(202).end();
  });
  expect(await createSendPost(LAPTOP)(postTo(url))).toBe(202);
  expect(seen).toEqual({
    method: "POST",
    path: "/events",
    id: "evt_1",
    type: "application/json",
    body: '{"a":"é"}',
  });
});

test("a redirect is an answer like any other: nothing is sent to its target", async () => {
  let asked = 0;
  const target = await receiver((_, response) => {
    asked++;
    response.end();
  });
  const url = await receiver((_, response) => response.writeHead(307, { location: target }).end());
  expect(await createSendPost(LAPTOP)(postTo(url))).toBe(307);
  expect(asked).toBe(0);
});

test("an answer without an end costs no time and no memory", async () => {
  const url = await receiver((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (response.write("x".repeat(64 * 1_024)));
      response.once("drain", more);
    };
    more();
  });
  expect(await createSendPost(LAPTOP)(postTo(url))).toBe(200);
});

test("headers that are too large, a connection that breaks and a silent receiver are failures", async () => {
  const large = await receiver((_, response) => response.writeHead(200, { x: "x".repeat(20_000) }).end());
  await expect(createSendPost(LAPTOP)(postTo(large))).rejects.toThrow("Header overflow");
  const broken = await receiver((_, response) => response.destroy());
  await expect(createSendPost(LAPTOP)(postTo(broken))).rejects.toThrow("socket hang up");
  const silent = await receiver(() => {});
  await expect(createSendPost(LAPTOP, {}, 0.2)(postTo(silent))).rejects.toThrow(
    "did not answer within 0.2 s",
  );
});

test("an answer that switches protocols is a status like any other, and its connection ends", async () => {
  const ended = Promise.withResolvers<void>();
  const server = createTcpServer((socket) => {
    socket.on("error", () => {}).on("close", () => ended.resolve());
    socket.once("data", () =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  expect(await createSendPost(LAPTOP)(postTo(`http://127.0.0.1:${port}/`))).toBe(101);
  await ended.promise;
  server.close();
});

test.each(["", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 20"])(
  "a connection that closes after %j is a failure",
  async (said) => {
    const server = createTcpServer((socket) => socket.once("data", () => socket.end(said)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    await expect(createSendPost(LAPTOP)(postTo(`http://127.0.0.1:${port}/`))).rejects.toThrow();
    server.close();
  },
);

test.each(["http://127.0.0.1", "https://127.0.0.1", "https://[::1]", "https://[::ffff:127.0.0.1]"])(
  "outside a laptop nothing is sent to %s",
  async (origin) => {
    let connections = 0;
    const server = createServer();
    server.on("connection", () => connections++);
    const port = await portOf(server);
    await expect(createSendPost(AWS)(postTo(`${origin}:${port}/`))).rejects.toThrow("The address must");
    expect(connections).toBe(0);
  },
);

test("a name that leads into a private network gets no connection", async () => {
  let connections = 0;
  const server = createServer();
  server.on("connection", () => connections++);
  const port = await portOf(server);
  const sendPost = createSendPost(AWS, { lookup: publicLookup(async () => ["127.0.0.1"]) });
  await expect(sendPost(postTo(`https://shop.example:${port}/`))).rejects.toThrow("not public");
  expect(connections).toBe(0);
});

test("a name is asked for once in each post, and its certificate is checked against the name", async () => {
  const [from, until] = [-1, 1].map((days) => new Date(Date.now() + days * DAY_MS)) as [Date, Date];
  const identity = createServerIdentity({ commonName: "shop", names: ["shop.example"], from, until });
  const port = await portOf(createHttpsServer(identity, (_, response) => response.writeHead(204).end()));
  let lookups = 0;
  const lookup = publicLookup(
    async () => {
      lookups++;
      return ["127.0.0.1"];
    },
    () => true,
  );
  const sendPost = createSendPost(AWS, { lookup, ca: identity.cert });
  expect(await sendPost(postTo(`https://shop.example:${port}/`))).toBe(204);
  expect(lookups).toBe(1);
  await expect(sendPost(postTo(`https://other.example:${port}/`))).rejects.toThrow("altnames");
  const untrusting = createSendPost(AWS, { lookup });
  await expect(untrusting(postTo(`https://shop.example:${port}/`))).rejects.toThrow("self-signed");
});
