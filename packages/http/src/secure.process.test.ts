import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { type TLSSocket, type Server as TlsServer, connect as tlsConnect } from "node:tls";
import { createAuthority, createServerIdentity } from "@cloud-design/core/certificate";
import { afterEach, expect, test } from "vitest";
import { secure } from "./secure.ts";
import { createProblemServer } from "./server.ts";

const [from, until] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000)) as [Date, Date];
const authority = createAuthority({ commonName: "ours", domains: ["localhost"], from, until });
const identity = (commonName: string) =>
  createServerIdentity({ commonName, names: ["localhost"], authority, from, until });
const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

let server: Server | undefined;
let secured: TlsServer;
afterEach(() => {
  server?.close().closeAllConnections();
});

/** Resolves with the port. */
async function serve(
  listener: RequestListener = (_request, response) => void response.end("hello"),
  // Milliseconds instead of seconds.
  { headersTimeout = 300, requestTimeout = 300 } = {},
) {
  const impatient = { headersTimeout, requestTimeout, connectionsCheckingInterval: 20 };
  server = createProblemServer({ siteUrl: "https://docs.example", ...impatient }, listener);
  secured = secure(server, identity("first"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** From now on connections seem to come over a network. */
function fromElsewhere(): void {
  server?.prependListener("connection", (socket: Socket) => {
    Object.defineProperty(socket, "remoteAddress", { value: "10.0.0.7" });
  });
}

function encrypted(port: number): TLSSocket {
  return tlsConnect({ host: "127.0.0.1", port, ca: authority.cert, servername: "localhost" });
}

async function sayEncrypted(port: number, bytes: string): Promise<string> {
  const socket = encrypted(port);
  socket.write(bytes);
  return text(socket);
}

async function sayPlain(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  if (bytes) socket.write(bytes);
  return text(socket);
}

const close = "Connection: close\r\n\r\n";

test.each([
  ["from the loopback", () => {}],
  ["from elsewhere", fromElsewhere],
])("a request over TLS is answered, %s", async (_, come) => {
  const port = await serve();
  come();
  expect(await sayEncrypted(port, `GET / HTTP/1.1\r\nHost: a\r\n${close}`)).toMatch(
    /^HTTP\/1\.1 200 OK.*hello/s,
  );
});

test("a large body over TLS and a large one in plain text arrive whole", async () => {
  const port = await serve(
    async (incoming, response) => void response.end(`${(await text(incoming)).length}`),
  );
  const body = "x".repeat(300_000);
  const bytes = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${close}${body}`;
  expect(await sayEncrypted(port, bytes)).toMatch(/300000$/);
  expect(await sayPlain(port, bytes)).toMatch(/300000$/);
});

test("plain HTTP is answered on the loopback, where the health check asks", async () => {
  const port = await serve();
  expect(await sayPlain(port, `GET / HTTP/1.1\r\nHost: a\r\n${close}`)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("plain HTTP from elsewhere gets no answer, and no request is made of it", async () => {
  const paths: unknown[] = [];
  const port = await serve(({ url }) => paths.push(url));
  fromElsewhere();
  expect(await sayPlain(port, GET)).not.toContain("HTTP");
  expect(paths).toEqual([]);
});

test("what is no HTTP is refused over TLS as it is without: with a problem", async () => {
  const port = await serve();
  const said = await sayEncrypted(port, "GARBAGE\r\n\r\n");
  expect(said).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
});

test.each([
  ["on the loopback", () => {}],
  ["from elsewhere", fromElsewhere],
])("one that never sends a byte is cut off, %s", async (_, come) => {
  const port = await serve();
  come();
  expect(await sayPlain(port, "")).toBe("");
});

test("slow headers over TLS are cut off", async () => {
  const port = await serve();
  expect(await sayEncrypted(port, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow:")).toMatch(/^HTTP\/1\.1 400 /);
});

test("a client that refuses the certificate does not hold up the end", async () => {
  // So long that the handshake's own time-out would be the test's.
  const port = await serve(undefined, { headersTimeout: 300_000, requestTimeout: 300_000 });
  const refusing = tlsConnect({ host: "127.0.0.1", port, servername: "localhost" });
  await expect(once(refusing, "secureConnect")).rejects.toThrow("unable to verify");
  const closed = once(server as Server, "close");
  server?.close();
  await closed;
});

test("connections that come later get the new certificate, and those that are open stay", async () => {
  const port = await serve();
  const before = encrypted(port);
  await once(before, "secureConnect");
  secured.setSecureContext(identity("second"));
  const after = encrypted(port);
  await once(after, "secureConnect");
  expect([before, after].map((socket) => socket.getPeerCertificate().subject.CN)).toEqual([
    "first",
    "second",
  ]);
  before.write(GET);
  expect(String((await once(before, "data"))[0])).toContain("200 OK");
  after.destroy();
  before.destroy();
});

test("a request under way is finished when the server closes", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const port = await serve(async (_request, response) => {
    arrive();
    await released;
    response.end("done");
  });
  const asking = request({ host: "127.0.0.1", port, ca: authority.cert, servername: "localhost" }).end();
  await arrived;
  const closed = once(server as Server, "close");
  server?.close();
  release();
  const [response] = await once(asking, "response");
  expect(await text(response)).toBe("done");
  server?.closeIdleConnections();
  await closed;
});
