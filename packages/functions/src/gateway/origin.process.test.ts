import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { createLog, type Log } from "@cloud-design/core/log";
import { expect, test } from "vitest";
import { createApp } from "./app.ts";
import { ROUTES } from "./routes.ts";

const SECRET = "only CloudFront knows";
const NOBODY = "http://127.0.0.1:1";
const claims = { sub: "ann", token_use: "access", scope: "movies.read orders.write" };
const env = { event: { requestContext: { authorizer: { jwt: { claims } } } } };

function gateway(changes: { originSecret?: string; inventoryUrl?: string; log?: Log } = {}) {
  const enqueued: unknown[] = [];
  const app = createApp({
    inventoryUrl: NOBODY,
    billingUrl: NOBODY,
    siteUrl: "https://movies.example",
    orderIdSecret: "a secret of thirty-two characters",
    originSecret: SECRET,
    log: createLog("test"),
    queue: { enqueue: async (order) => void enqueued.push(order), countWaiting: async () => 0 },
    ...changes,
  });
  const request = (path: string, init: RequestInit = {}) =>
    app.request(
      path,
      { ...init, headers: { authorization: "Bearer abc", ...Object.fromEntries(new Headers(init.headers)) } },
      env,
    );
  return { request, enqueued };
}

const withSecret = (value: string) => ({ headers: { "x-origin-secret": value } });

test("a request that bypasses the site gets a problem with the site's address", async () => {
  const response = await gateway().request("/health/live");
  expect(response.status).toBe(403);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({
    type: "https://movies.example/problems/direct-access",
    detail: "Requests come in through https://movies.example.",
  });
});

const paths = [...Object.keys(ROUTES).map((path) => path.replace("{id}", "1")), "/api/nothing"];
test.each(paths)("without the secret every method of %s gives 403", async (path) => {
  const { request, enqueued } = gateway();
  for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
    expect((await request(path, { method })).status).toBe(403);
  expect(enqueued).toEqual([]);
});

test.each([
  "",
  "wrong",
  `${SECRET} `.repeat(2),
  SECRET.slice(0, -1),
  `${SECRET},${SECRET}`,
  SECRET.toUpperCase(),
])("the wrong secret %j gives 403", async (value) =>
  expect((await gateway().request("/health/live", withSecret(value))).status).toBe(403),
);

test("with the secret a request is answered as usual", async () => {
  expect((await gateway().request("/health/live", withSecret(SECRET))).status).toBe(200);
  expect((await gateway().request("/api/nothing", withSecret(SECRET))).status).toBe(404);
});

test("without a configured secret every request is accepted", async () => {
  expect((await gateway({ originSecret: undefined }).request("/health/live")).status).toBe(200);
});

test("the secret appears in no service's request, no log and no answer", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const service = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(200, { "content-type": "application/json" }).end("[]");
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  const inventoryUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  const logged: unknown[] = [];
  const note = (...entry: unknown[]) => void logged.push(entry);
  const log = { info: note, warn: note, error: note } as unknown as Log;

  const good = await gateway({ inventoryUrl, log }).request("/api/movies", withSecret(SECRET));
  service.close().closeAllConnections();
  const bad = await gateway({ inventoryUrl, log }).request("/api/movies", withSecret(SECRET));
  expect([good.status, bad.status]).toEqual([200, 503]);
  expect(seen).toHaveLength(1);
  expect(logged).toHaveLength(1);
  const answers = [good, bad].map((response) => [...response.headers]);
  const everything = [seen, logged, answers, await good.text(), await bad.text()];
  expect(inspect(everything, { depth: null })).not.toContain(SECRET);
});
