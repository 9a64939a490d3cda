import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { API_HEADERS, PAGE_HEADERS } from "@cloud-design/site/headers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";
import { listen } from "../stand-in.ts";
import { createSite } from "./server.ts";

const FILES = {
  "index.html": "<h1>home</h1>",
  "deploy/index.html": "<h1>deploy</h1>",
  "guide/index.html": '<header class="header"><div><a href="/">cloud-design</a></div></header><h1>guide</h1>',
  "addresses/index.html":
    "localhost:3000/api http://localhost:4000 127.0.0.1:3000 localhost:9000 localhost:30001",
  "status/index.html": "no check yet",
  "status/status.ABCD1234.css": "main {}",
  "assets/index.Bd6sJd1k.js": "export {};",
  "openapi.json": "{}",
  "requests.http": "GET /",
};

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let gateway: Server;
let bucket: Server;
let site: Server;
let siteUrl: string;
let port: number;
let objects: Record<string, string>;
let asked: {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}[];

beforeAll(async () => {
  directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(FILES)) {
    await mkdir(dirname(join(directory.path, name)), { recursive: true });
    await writeFile(join(directory.path, name), content);
  }
  gateway = createServer(async (request, response) => {
    asked.push({
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: await text(request),
    });
    response
      .writeHead(202, { "content-type": "application/json", location: "/api/billing/orders/1" })
      .end("{}");
  });
  bucket = createServer((request, response) => {
    const object = objects[request.url ?? ""];
    if (object === undefined) return response.writeHead(404).end("<Error/>");
    const headers = { etag: '"1"', "content-type": "text/html", "cache-control": "public, max-age=1" };
    if (request.headers["if-none-match"] === '"1"') return response.writeHead(304, headers).end();
    return response.writeHead(200, headers).end(object);
  });
  const gatewayUrl = `http://127.0.0.1:${await listen(gateway, 0)}`;
  const bucketUrl = `http://127.0.0.1:${await listen(bucket, 0)}/site`;
  site = createSite({
    directory: directory.path,
    gatewayUrl,
    bucketUrl,
    telemetryUrl: "http://127.0.0.1:1",
    siteUrl: "https://docs.example",
    movedPorts: { "3000": 20_000, "4000": 20_001 },
    apiSeconds: 10,
  });
  port = await listen(site, 0);
  siteUrl = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  for (const server of [site, gateway, bucket]) server.close().closeAllConnections();
  await directory[Symbol.asyncDispose]();
});

beforeEach(() => {
  objects = {};
  asked = [];
});

const LIVE = '<a href="/live" class="live-link">Live</a>';

test("links the live view in the header of each page, the status page of the bucket included", async () => {
  objects = { "/site/status/index.html": '<header><a href="/">cloud-design</a> status</header>' };
  const page = await fetch(`${siteUrl}/guide`);
  expect(await page.text()).toBe(
    `<header class="header"><div><a href="/">cloud-design</a> ${LIVE}</div></header><h1>guide</h1>`,
  );
  expect(await (await fetch(`${siteUrl}/status`)).text()).toBe(
    `<header><a href="/">cloud-design</a> ${LIVE} status</header>`,
  );
  const again = await fetch(`${siteUrl}/guide`, {
    headers: { "if-none-match": page.headers.get("etag") ?? "" },
  });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});

test("names the ports of this platform in place of the documented ones", async () => {
  objects = { "/site/status/index.html": "curl localhost:3000/api/status" };
  expect(await (await fetch(`${siteUrl}/addresses`)).text()).toBe(
    "localhost:20000/api http://localhost:20001 127.0.0.1:20000 localhost:9000 localhost:30001",
  );
  expect(await (await fetch(`${siteUrl}/status`)).text()).toBe("curl localhost:20000/api/status");
});

/** The bytes that the site answers to these bytes, until it closes the connection or has sent `until`. */
async function say(bytes: string, { until }: { until?: string } = {}): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(bytes);
  if (until) socket.on("data", (said) => String(said).includes(until) && socket.end());
  const [said] = await Promise.all([text(socket), once(socket, "close")]);
  return said;
}

const get = (path: string, init: RequestInit = {}) => fetch(siteUrl + path, { redirect: "manual", ...init });

describe("a page", () => {
  test.each([
    ["/", "home"],
    ["/deploy", "deploy"],
    ["/deploy/", "deploy"],
    ["/deploy?from=here", "deploy"],
  ])("at %s is the one that was built", async (path, content) => {
    const page = await get(path);
    expect([page.status, await page.text()]).toEqual([200, `<h1>${content}</h1>`]);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      ...PAGE_HEADERS,
      "cache-control": "public, max-age=0, must-revalidate",
    });
  });

  test("that the browser has already is not sent again", async () => {
    const etag = (await get("/deploy")).headers.get("etag") ?? "";
    expect((await get("/deploy", { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  test.each(["/nowhere", "/deploy/nowhere", "/__proto__", "/..%2f..%2fetc%2fpasswd", "/%"])(
    "at %s has status 404 with a page for people and the same headers",
    async (path) => {
      const page = await get(path);
      expect([page.status, page.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
      expect(Object.fromEntries(page.headers)).toMatchObject(PAGE_HEADERS);
      expect(await page.text()).toContain("There is no such page");
    },
  );

  test.each([
    "/../../../../etc/passwd",
    "/status/..",
    "/status/../../",
    "/status/../deployment/version.json",
    "/status/%2e%2e/deployment/version.json",
    "/status//evil",
  ])("%s leads nowhere", async (path) => {
    objects["/site/deployment/version.json"] = "secret";
    objects["/site/"] = objects["/"] = "a list";
    expect(await say(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 404/,
    );
  });

  test.each(["bytes=9-2", "bytes=0-3", "nonsense"])(
    "comes whole whatever range is requested: %s",
    async (range) => {
      const page = await get("/deploy", { headers: { range } });
      expect([page.status, await page.text()]).toEqual([200, "<h1>deploy</h1>"]);
    },
  );

  test.each(["POST", "PUT", "DELETE"])("takes no %s", async (method) => {
    expect((await get("/deploy", { method })).status).toBe(403);
  });

  test("has a HEAD without a body", async () => {
    const page = await get("/deploy", { method: "HEAD" });
    expect([page.status, await page.text()]).toEqual([200, ""]);
  });
});

test.each(["/assets/index.Bd6sJd1k.js", "/status/status.ABCD1234.css"])(
  "%s, whose name changes with its content, is kept for a year",
  async (path) => {
    expect((await get(path)).headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  },
);

test.each([
  ["/requests.http", "text/plain; charset=utf-8"],
  ["/openapi.json", "application/json"],
])("%s comes as %s", async (path, type) => {
  expect((await get(path)).headers.get("content-type")).toBe(type);
});

describe("the status", () => {
  test.each(["/status", "/status/"])("at %s is the page that the probe wrote last", async (path) => {
    objects["/site/status/index.html"] = "all is well";
    const page = await get(path);
    expect([page.status, await page.text()]).toEqual([200, "all is well"]);
    expect(Object.fromEntries(page.headers)).toMatchObject({
      ...PAGE_HEADERS,
      "cache-control": "public, max-age=1",
    });
    expect((await get(path, { headers: { "if-none-match": '"1"' } })).status).toBe(304);
  });

  test("is the built page until the probe has written one", async () => {
    expect(await (await get("/status")).text()).toBe("no check yet");
    expect((await get("/status/status.json")).status).toBe(404);
  });
});

describe("the API behind the same name", () => {
  test("gets method, path, headers and body unchanged, and CloudFront's headers are added to its answer", async () => {
    const answer = await get("/api/billing?x=%20", {
      method: "POST",
      headers: { authorization: "Bearer token", "idempotency-key": "k" },
      body: '{"user_id": 3}',
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([202, "/api/billing/orders/1"]);
    expect(Object.fromEntries(answer.headers)).toMatchObject(API_HEADERS);
    expect(asked).toMatchObject([
      {
        method: "POST",
        url: "/api/billing?x=%20",
        headers: { authorization: "Bearer token", "idempotency-key": "k" },
        body: '{"user_id": 3}',
      },
    ]);
  });

  test("gets no hop-by-hop header of the client's connection, and the client gets no header of the API's connection", async () => {
    const said = await say(
      "GET /api/movies HTTP/1.1\r\nHost: a\r\nConnection: close, X-Private\r\nX-Private: 1\r\nTE: trailers\r\n\r\n",
    );
    expect(asked[0]?.headers).not.toHaveProperty("x-private");
    expect(asked[0]?.headers).not.toHaveProperty("te");
    expect(said.match(/^connection: .*$/gim)).toEqual(["Connection: close"]);
  });

  /** The site before another API, and that API's address. */
  async function before(api: Server, apiSeconds = 10): Promise<string> {
    const other = createSite({
      directory: directory.path,
      gatewayUrl: `http://127.0.0.1:${await listen(api, 0)}`,
      bucketUrl: "http://127.0.0.1:1",
      telemetryUrl: "http://127.0.0.1:1",
      siteUrl: "https://docs.example",
      movedPorts: {},
      apiSeconds,
    });
    others.push(api, other);
    return `http://127.0.0.1:${await listen(other, 0)}`;
  }
  const others: Server[] = [];
  afterEach(() => {
    for (const server of others.splice(0)) server.close().closeAllConnections();
  });

  const SMUGGLED = "DELETE /api/movies HTTP/1.1\r\nHost: a\r\n\r\n";
  const CHUNK = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
  test.each([
    ["GET", "Transfer-Encoding: chunked", CHUNK],
    ["DELETE", "Transfer-Encoding: chunked", CHUNK],
    ["OPTIONS", "Transfer-Encoding: chunked", CHUNK],
    ["GET", `Connection: content-length\r\nContent-Length: ${SMUGGLED.length}`, SMUGGLED],
    ["POST", `Connection: content-length\r\nContent-Length: ${SMUGGLED.length}`, SMUGGLED],
  ])("does not read the body of a %s with %j as another request", async (method, framing, body) => {
    await say(`${method} /api/movies HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n${body}`, { until: "{}" });
    await get("/api/next");
    expect(asked).toMatchObject([{ method, body: SMUGGLED }, { url: "/api/next" }]);
  });

  test("its answer breaks off for the client where it broke off at the API", async () => {
    const broken = createServer((_, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      response.socket?.end();
    });
    const answer = await fetch(`${await before(broken)}/api/status`);
    await expect(answer.text()).rejects.toThrow();
  });

  test.each([
    ["while the API does not answer", createServer((_, response) => response.destroy())],
    ["when its answer does not come in time", createServer(() => {})],
  ])("is a problem %s", async (_, api) => {
    const answer = await fetch(`${await before(api, 0.1)}/api/status`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^[2-4]$/);
    expect(await answer.json()).toMatchObject({ type: "https://docs.example/problems/unavailable" });
  });
});
