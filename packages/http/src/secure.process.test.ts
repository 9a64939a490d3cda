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

/** Starts a server; resolves with its port. */
async function serve(
  listener: RequestListener = (_request, response) => void response.end("hello"),
  // In milliseconds, far below the real time-outs.
  { headersTimeout = 300, requestTimeout = 300 } = {},
) {
  const impatient = { headersTimeout, requestTimeout, connectionsCheckingInterval: 20 };
  server = createProblemServer({ siteUrl: "https://docs.example", ...impatient }, listener);
  secured = secure(server, identity("first"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** Makes later connections look as if they came over a network. */
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
])("a request over TLS %s is answered", async (_, come) => {
  const port = await serve();
  come();
  expect(await sayEncrypted(port, `GET / HTTP/1.1\r\nHost: a\r\n${close}`)).toMatch(
    /^HTTP\/1\.1 200 OK.*hello/s,
  );
});

test("a large body arrives whole over TLS and in plain text", async () => {
  const port = await serve(
    async (incoming, response) => void response.end(`${(await text(incoming)).length}`),
  );
  const body = "x".repeat(300_000);
  const bytes = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${close}${body}`;
  expect(await sayEncrypted(port, bytes)).toMatch(/300000$/);
  expect(await sayPlain(port, bytes)).toMatch(/300000$/);
});

test("plain HTTP from the loopback is answered, for the health check", async () => {
  const port = await serve();
  expect(await sayPlain(port, `GET / HTTP/1.1\r\nHost: a\r\n${close}`)).toMatch(/^HTTP\/1\.1 200 OK/);
});

test("plain HTTP from a network gets no answer and is not treated as a request", async () => {
  const paths: unknown[] = [];
  const port = await serve(({ url }) => paths.push(url));
  fromElsewhere();
  expect(await sayPlain(port, GET)).not.toContain("HTTP");
  expect(paths).toEqual([]);
});

test("malformed HTTP over TLS is answered with a problem, as without TLS", async () => {
  const port = await serve();
  const said = await sayEncrypted(port, "GARBAGE\r\n\r\n");
  expect(said).toMatch(/^HTTP\/1\.1 400 .*application\/problem\+json/s);
});

test.each([
  ["on the loopback", () => {}],
  ["from elsewhere", fromElsewhere],
])("a connection %s that never sends a byte is closed", async (_, come) => {
  const port = await serve();
  come();
  expect(await sayPlain(port, "")).toBe("");
});

test("a connection with slow headers over TLS is closed", async () => {
  const port = await serve();
  expect(await sayEncrypted(port, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow:")).toMatch(/^HTTP\/1\.1 400 /);
});

test("a client that refuses the certificate does not delay the server's close", async () => {
  // So long that the handshake's own time-out cannot end the connection within the test.
  const port = await serve(undefined, { headersTimeout: 300_000, requestTimeout: 300_000 });
  const refusing = tlsConnect({ host: "127.0.0.1", port, servername: "localhost" });
  await expect(once(refusing, "secureConnect")).rejects.toThrow("unable to verify");
  const closed = once(server as Server, "close");
  server?.close();
  await closed;
});

test("later connections get the new certificate, and open ones stay open", async () => {
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
