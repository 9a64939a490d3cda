import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { DomainError } from "@cloud-design/core/errors";
import { createLog, type Log } from "@cloud-design/core/log";
import { PROBLEMS } from "@cloud-design/http";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { QueuedOrder } from "../shared/orders-queue.ts";
import { createApp } from "./app.ts";
import { apiGatewayRoutes, PUBLIC, ROUTES } from "./routes.ts";

const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };
const ALL_SCOPES = "movies.read movies.write movies.admin orders.read orders.write";
const servers: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** Starts a service behind the gateway; returns its URL. */
async function service(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const NOBODY = "http://127.0.0.1:1";

function gateway(
  options: {
    inventoryUrl?: string;
    billingUrl?: string;
    enqueue?: () => Promise<void>;
    waiting?: number;
    log?: Log;
  } = {},
) {
  const enqueued: QueuedOrder[] = [];
  const app = createApp({
    inventoryUrl: options.inventoryUrl ?? NOBODY,
    billingUrl: options.billingUrl ?? NOBODY,
    siteUrl: "https://docs.example",
    orderIdSecret: "a secret of thirty-two characters",
    log: options.log ?? createLog("test"),
    queue: {
      enqueue: async (order) => {
        await options.enqueue?.();
        enqueued.push(order);
      },
      countWaiting: async () => options.waiting ?? enqueued.length,
    },
  });
  const request = (
    path: string,
    init: RequestInit = {},
    claims: Record<string, string> | undefined = token(),
  ) =>
    app.request(
      path,
      { ...init, headers: { authorization: "Bearer abc", ...Object.fromEntries(new Headers(init.headers)) } },
      { event: { requestContext: claims ? { authorizer: { jwt: { claims } } } : {} } },
    );
  return { app, enqueued, request };
}

function token(claims: Record<string, string> = {}): Record<string, string> {
  return { sub: "ann", token_use: "access", scope: ALL_SCOPES, ...claims };
}

const postOrder = (body: unknown = ORDER, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

async function accepted(response: Response): Promise<{ id: string }> {
  return (await response.json()) as { id: string };
}

describe("an order", () => {
  test("is accepted only once the queue has it", async () => {
    let release: () => void = () => {};
    const { request, enqueued } = gateway({
      enqueue: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    });
    const answer = Promise.resolve(request("/api/billing", postOrder()));
    await expect(
      Promise.race([answer, new Promise((resolve) => setImmediate(resolve, "waits"))]),
    ).resolves.toBe("waits");
    expect(enqueued).toEqual([]);
    await expect
      .poll(() => {
        release();
        return enqueued.length;
      })
      .toBe(1);
    expect((await answer).status).toBe(200);
  });

  test.each([
    ["[premium]", "priority"],
    ["[admin premium]", "priority"],
    ["[admin]", "standard"],
    ["[premium-trial not_premium]", "standard"],
    ["[]", "standard"],
    [undefined, "standard"],
  ])("of a caller in the groups %s takes the lane %s", async (groups, lane) => {
    const { request, enqueued } = gateway();
    await request(
      "/api/billing",
      postOrder(),
      token(groups === undefined ? {} : { "cognito:groups": groups }),
    );
    expect(enqueued).toMatchObject([{ lane }]);
  });

  test("takes its lane from the verified token alone, whatever its headers, its query and other claims say", async () => {
    const { request, enqueued } = gateway();
    const forged = ["cognito-groups", "x-cognito-groups", "groups", "lane", "x-lane", "priority"];
    for (const name of forged)
      await request(
        "/api/billing",
        postOrder(ORDER, { [name]: name.endsWith("groups") ? "[premium]" : "priority" }),
      );
    await request("/api/billing?cognito:groups=[premium]&lane=priority", postOrder());
    await request(
      "/api/billing",
      postOrder(),
      token({ groups: "[premium]", scope: `${ALL_SCOPES} premium` }),
    );
    expect(enqueued.map(({ lane }) => lane)).toEqual(enqueued.map(() => "standard"));
    expect(enqueued.length).toBeGreaterThan(forged.length);
  });

  test("that the queue refuses is answered with 503 and Retry-After", async () => {
    const { request } = gateway({
      enqueue: () => Promise.reject(new DomainError("unavailable", "no queue")),
    });
    const response = await request("/api/billing", postOrder());
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await response.json()).toMatchObject({
      type: "https://docs.example/problems/unavailable",
      status: 503,
    });
  });

  test("is queued as exactly the JSON object that was sent, with everything else in attributes", async () => {
    const { request, enqueued } = gateway();
    const response = await request("/api/billing", postOrder(ORDER));
    const { id } = await accepted(response);
    expect(response.headers.get("location")).toBe(`/api/billing/orders/${id}`);
    expect(enqueued).toEqual([
      { id, owner: "ann", lane: "standard", acceptedAt: expect.any(String), body: JSON.stringify(ORDER) },
    ]);
  });

  test("is answered with 202 when the caller prefers that", async () => {
    const { request } = gateway();
    const response = await request("/api/billing", postOrder(ORDER, { prefer: "wait=5, respond-async" }));
    expect(response.status).toBe(202);
    expect(response.headers.get("preference-applied")).toBe("respond-async");
    expect(response.headers.get("retry-after")).toMatch(/^[12]$/);
  });

  test("that is wrong in three fields gets a problem that names all three", async () => {
    const { request, enqueued } = gateway();
    const response = await request(
      "/api/billing",
      postOrder({ user_id: -1, number_of_items: "x", coupon: 1 }),
    );
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors.map(({ field }) => field)).toEqual(
      expect.arrayContaining(["/user_id", "/number_of_items", "/total_amount", "/coupon"]),
    );
    expect(enqueued).toEqual([]);
  });

  test.each([
    [3, 1, 2],
    [1_000_000, 15, 30],
  ])("that waits behind %i others is to be asked for after %i to %i s", async (waiting, least, most) => {
    const billingUrl = await service((_, response) =>
      response.writeHead(404, { "content-type": "application/problem+json" }).end("{}"),
    );
    const { request } = gateway({ billingUrl, waiting });
    const { id } = await accepted(await request("/api/billing", postOrder()));
    const seconds = Number((await request(`/api/billing/orders/${id}`)).headers.get("retry-after"));
    expect(seconds).toBeGreaterThanOrEqual(least);
    expect(seconds).toBeLessThanOrEqual(most);
  });

  test("that billing has not seen is shown as accepted, and an id that was never issued as 404 without a call", async () => {
    const billingUrl = await service((_, response) =>
      response.writeHead(404, { "content-type": "application/problem+json" }).end("{}"),
    );
    const { request } = gateway({ billingUrl });
    const { id } = await accepted(await request("/api/billing", postOrder()));
    const mine = await request(`/api/billing/orders/${id}`);
    expect([mine.status, await mine.json()]).toEqual([202, { id, status: "accepted" }]);

    const hers = await request(`/api/billing/orders/${id}`, {}, token({ sub: "eve" }));
    const unknown = await request(`/api/billing/orders/ord_${"A".repeat(40)}`, {}, token({ sub: "eve" }));
    expect(hers.status).toBe(404);
    expect([hers.status, await hers.text()]).toEqual([unknown.status, await unknown.text()]);
  });
});

/** Method, path and access of each route. */
const ROWS = Object.entries(ROUTES).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, access]) => [method, path.replace("{id}", "1"), access] as const),
);

describe("the routes", () => {
  test.each([
    ["no claims at all", undefined, []],
    ["an ID token's claims", token({ token_use: "id" }), ["token use"]],
    ["claims without a use", { sub: "ann", scope: ALL_SCOPES }, ["token use"]],
    ["claims without a subject", { token_use: "access", scope: ALL_SCOPES }, ["incomplete"]],
    ["claims with an empty subject", token({ sub: "" }), ["incomplete"]],
  ])("refuse %s, and the log has the reason", async (_, claims, reasons) => {
    const log = createLog("test");
    const logged = vi.spyOn(log, "info");
    const { app, enqueued } = gateway({ log });
    const event = { requestContext: claims ? { authorizer: { jwt: { claims } } } : {} };
    const response = await app.request("/api/billing", postOrder(ORDER, { authorization: "Bearer abc" }), {
      event,
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
    expect(enqueued).toEqual([]);
    const refusals = logged.mock.calls.filter((call) => call.includes("token refused"));
    expect(refusals.map(([fields]) => fields)).toEqual(reasons.map((reason) => ({ reason })));
  });

  test.each(ROWS.filter(([, , access]) => access !== PUBLIC))(
    "%s %s requires the scope %s and no other",
    async (method, path, scope) => {
      const { request } = gateway();
      const others = ALL_SCOPES.split(" ")
        .filter((other) => other !== scope)
        .join(" ");
      expect((await request(path, { method }, token({ scope: others }))).status).toBe(403);
      expect((await request(path, { method }, token({ scope }))).status).not.toBe(403);
    },
  );

  test("an unknown method of a path gets the list of its methods", async () => {
    const { request } = gateway();
    const response = await request("/api/movies", { method: "PATCH" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST, DELETE, HEAD");
  });

  test.each(Object.keys(ROUTES))(
    "answer a preflight for %s without a token, with only its methods",
    async (path) => {
      const { app } = gateway();
      for (const spelling of [path, `${path}/`].map((pattern) => pattern.replace("{id}", "1"))) {
        const preflight = await app.request(spelling, { method: "OPTIONS" });
        const refusal = await app.request(spelling, { method: "PATCH" });
        expect([preflight.status, await preflight.text()]).toEqual([204, ""]);
        expect(preflight.headers.get("allow")).toBe(refusal.headers.get("allow"));
      }
    },
  );

  test("answer a preflight for an unknown path with 404", async () => {
    expect((await gateway().app.request("/api/nothing", { method: "OPTIONS" })).status).toBe(404);
  });
});

describe("a service behind the gateway", () => {
  test("gets the caller's own token and not the caller's other headers", async () => {
    let seen = {};
    const inventoryUrl = await service((incoming, response) => {
      seen = incoming.headers;
      response.writeHead(200, { "content-type": "application/json", "x-powered-by": "nobody" }).end("[]");
    });
    const { request } = gateway({ inventoryUrl });
    const headers = { authorization: "Bearer abc", "x-user-id": "root", cookie: "a=b" };
    const response = await request("/api/movies?title=a%26b", { headers });
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect(seen).toMatchObject({ authorization: "Bearer abc" });
    expect(seen).not.toHaveProperty("x-user-id");
    expect(seen).not.toHaveProperty("cookie");
  });

  test.each([
    ["GET", 7],
    ["POST", 1],
  ])("that breaks the connection gets %s %i time(s), then the answer is 503", async (method, times) => {
    let asked = 0;
    const inventoryUrl = await service((incoming) => {
      asked++;
      incoming.socket.destroy();
    });
    const { request } = gateway({ inventoryUrl });
    const response = await request("/api/movies", { method, ...(method === "POST" && { body: "{}" }) });
    expect([response.status, asked]).toEqual([503, times]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  test("that answers 503 once gets a GET again, and its second answer counts", async () => {
    const statuses = [503, 200, 503, 503];
    const inventoryUrl = await service((_, response) => {
      const status = statuses.shift() ?? 500;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ status }));
    });
    const { request } = gateway({ inventoryUrl });
    expect((await request("/api/movies")).status).toBe(200);
    const refused = await request("/api/movies");
    expect([refused.status, await refused.json(), statuses]).toEqual([503, { status: 503 }, []]);
  });

  test("that sheds load is asked once, and its Retry-After is passed on", async () => {
    let asked = 0;
    const inventoryUrl = await service((_, response) => {
      asked++;
      const headers = { "content-type": "application/json", "retry-after": "4", "x-overloaded": "true" };
      response.writeHead(503, headers).end("{}");
    });
    const response = await gateway({ inventoryUrl }).request("/api/movies");
    expect([response.status, response.headers.get("retry-after"), asked]).toEqual([503, "4", 1]);
    expect(response.headers.has("x-overloaded")).toBe(false);
  });

  test.each([
    ["a load balancer's HTML error", 502, "text/html", "<html>"],
    ["HTML with status 200", 200, "text/html", "<html>"],
    ["JSON under another type", 200, "text/plain", "[]"],
    ["nothing", 204, "", ""],
    ["a redirect", 302, "application/json", "{}"],
    ["more bytes than Lambda can pass on", 200, "application/json", `"${"x".repeat(5 * 1024 * 1024)}"`],
  ])("that answers with %s gives a 503 problem", async (_, status, type, body) => {
    let elsewhere = 0;
    const location = await service((_incoming, response) => {
      elsewhere++;
      response.end();
    });
    const url = await service((_incoming, response) => {
      response.writeHead(status, { location, ...(type && { "content-type": type }) }).end(body);
    });
    const { request } = gateway({ inventoryUrl: url, billingUrl: url });
    const { id } = await accepted(await request("/api/billing", postOrder()));
    for (const path of ["/api/movies", `/api/billing/orders/${id}`]) {
      const response = await request(path);
      expect(response.status).toBe(503);
      expect(response.headers.get("location")).toBeNull();
      expect(await response.json()).toMatchObject({ status: 503 });
    }
    expect(await (await request("/api/status")).json()).toMatchObject({ status: "degraded" });
    expect(elsewhere).toBe(0);
  });

  test("that keeps sending an invalid answer is disconnected", async () => {
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(new AbortController().signal);
    const { promise: hungUp, resolve } = Promise.withResolvers<void>();
    const inventoryUrl = await service((_incoming, response) => {
      response.once("close", resolve).writeHead(200, { "content-type": "text/html" }).write("<p>");
    });
    const response = await gateway({ inventoryUrl }).request("/api/movies", { method: "DELETE" });
    expect(response.status).toBe(503);
    await hungUp;
  });

  test.each(ROWS.filter(([, path]) => path.startsWith("/api/movies")))(
    "gets %s %s under the same path, with the query",
    async (method, path) => {
      let seen: unknown;
      const inventoryUrl = await service((incoming, response) => {
        seen = [incoming.method, incoming.url];
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
      await gateway({ inventoryUrl }).request(`${path}?a=%26`, {
        method,
        ...(["POST", "PUT"].includes(method) && { body: "{}" }),
      });
      expect(seen).toEqual([method, `${path}?a=%26`]);
    },
  );

  test("cannot be reached on another path by a crafted id", async () => {
    let path: string | undefined;
    const inventoryUrl = await service((incoming, response) => {
      path = incoming.url;
      response.writeHead(404, { "content-type": "application/problem+json" }).end("{}");
    });
    await gateway({ inventoryUrl }).request("/api/movies/..%2f..%2fhealth%2flive");
    expect(path).toBe("/api/movies/..%2F..%2Fhealth%2Flive");
  });
});

test("an unexpected error is answered without its details", async () => {
  const { request } = gateway({ enqueue: () => Promise.reject(new Error("password=hunter2")) });
  const response = await request("/api/billing", postOrder());
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("hunter2");
});

test("API Gateway gets no route that it would refuse and no catch-all route", () => {
  const keys = apiGatewayRoutes().map(({ key }) => key);
  expect(keys).toContain("POST /api/movies");
  expect(keys.filter((key) => key.includes("$default") || /[+/]$/.test(key))).toEqual([]);
  expect(new Set(keys).size).toBe(keys.length);
});

test("every problem has a 4xx or 5xx status and a title", () => {
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^[a-z-]+$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).not.toBe("");
  }
});
