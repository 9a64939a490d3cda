import { createServer, type RequestListener } from "node:http";
import { createLog } from "@cloud-design/core/log";
import { createApp } from "@cloud-design/functions/gateway/app";
import { ROUTES } from "@cloud-design/functions/gateway/routes";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { listen } from "@cloud-design/local/stand-ins/stand-in";
import { describe, expect, it } from "vitest";
import { call, expectProblem, idOf, platform, tellingOf, titlesIn } from "./client.ts";
import { openApiDocument } from "./documents.ts";
import { FORGED_TOKENS, tokenWith, trap } from "./forge.ts";
import { rawHttp } from "./raw-http.ts";
import { newUserId, ordersOfUser, untilRecorded, untilSettled } from "./stores.ts";
import { tokens } from "./tokens.ts";

// OWASP API Security Top 10, 2023: https://owasp.org/API-Security/editions/2023/en/0x11-t10/. At least one claim for each item, the cheapest one
// that would fail; other files test more.

const ORDER = { user_id: 3, number_of_items: 5, total_amount: 180 };
const MOVIE = { title: "Le Mépris", description: "1963" };

describe("API1, broken object level authorization", () => {
  it("another caller's order looks like an unknown one, to read and to change", async () => {
    const id = idOf(await call("POST", "/api/billing", { as: "premium", body: ORDER }));
    await untilRecorded(id);
    const [theirs, none] = [`/api/billing/orders/${id}`, `/api/billing/orders/ord_${"A".repeat(40)}`];
    expect((await call("GET", theirs, { as: "premium" })).status).toBe(200);
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"]) {
      for (const as of ["ordinary", "admin", "machine"] as const)
        expect(tellingOf(await call(method, theirs, { as }))).toEqual(
          tellingOf(await call(method, none, { as })),
        );
    }
  });
});

describe("API2, broken authentication", () => {
  it("one forged token of each kind opens nothing, and a guessed client secret gets no token", async () => {
    for (const tokens of Object.values(FORGED_TOKENS)) {
      const headers = { authorization: `Bearer ${Object.values(tokens)[0]}` };
      expectProblem(await call("DELETE", "/api/movies", { as: null, headers }), "unauthenticated");
    }
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "machine",
      client_secret: "guess",
    });
    const refused = await fetch(`${platform.parts.identity?.url}/oauth2/token`, { method: "POST", body });
    expect([refused.status, await refused.json()]).toEqual([
      401,
      expect.objectContaining({ error: "invalid_client" }),
    ]);
  });
});

describe("API3, broken object property level authorization", () => {
  it.each(["id", "owner", "status", "accepted_at", "recorded_at", "traceparent"])(
    "a caller cannot write an order's %s",
    async (field) => {
      expectProblem(
        await call("POST", "/api/billing", { body: { ...ORDER, [field]: "x" } }),
        "invalid-request",
      );
    },
  );

  it.each(["id", "created_at", "updated_at", "__proto__"])(
    "a caller cannot write a movie's %s",
    async (field) => {
      const body = JSON.stringify(MOVIE).replace("{", `{"${field}":1,`);
      expectProblem(await call("POST", "/api/movies", { body }), "invalid-request");
    },
  );

  it("an answer shows exactly the fields of the contract, and no other column", async () => {
    const movie = await call("POST", "/api/movies", { body: MOVIE });
    expect(Object.keys(Object(movie.json))).toEqual(["id", "title", "description"]);
    const id = idOf(await call("POST", "/api/billing", { body: ORDER }));
    await untilRecorded(id);
    expect(Object.keys(Object((await call("GET", `/api/billing/orders/${id}`)).json)).toSorted()).toEqual([
      "accepted_at",
      "id",
      "number_of_items",
      "recorded_at",
      "status",
      "total_amount",
      "user_id",
    ]);
  });
});

describe("API4, unrestricted resource consumption", () => {
  it("bodies, headers, lists and depths have a limit", async () => {
    const large = "x".repeat(300_000);
    expectProblem(
      await call("POST", "/api/movies", { body: { ...MOVIE, description: large } }),
      "payload-too-large",
    );
    expectProblem(await call("POST", "/api/billing", { body: large }), "payload-too-large");
    expectProblem(
      await call("GET", "/api/movies", { headers: { "x-large": large.slice(0, 12_000) } }),
      "headers-too-large",
    );
    for (const limit of ["0", "1001", "-1", "1e3", "9".repeat(100)])
      expectProblem(await call("GET", `/api/movies?limit=${limit}`), "invalid-request");
    expect(titlesIn(await call("GET", "/api/movies")).length).toBeLessThanOrEqual(1_000);
    expectProblem(
      await call("POST", "/api/billing", { body: `${"[".repeat(20_000)}${"]".repeat(20_000)}` }),
      "invalid-request",
    );
  });
});

describe("API5, broken function level authorization", () => {
  it("only an administrator has the administrator's rights, whatever scopes a token request names", async () => {
    const identityUrl = platform.parts.identity?.url ?? "";
    for (const as of ["reader", "ordinary", "premium", "machine"] as const)
      expectProblem(await call("DELETE", "/api/movies", { as }), "insufficient-scope");
    for (const user of ["ordinary", "machine"] as const) {
      const asked = await accessToken({ identityUrl, user, scope: "movies.read movies.admin" }).catch(
        () => undefined,
      );
      const headers = { authorization: `Bearer ${asked?.accessToken}` };
      const answer = await call("DELETE", "/api/movies", { as: null, headers });
      expectProblem(answer, asked ? "insufficient-scope" : "unauthenticated");
    }
    for (const [method, path] of [
      ["POST", "/api/movies"],
      ["PUT", "/api/movies/1"],
      ["POST", "/api/billing"],
    ] as const)
      expectProblem(await call(method, path, { as: "reader", body: {} }), "insufficient-scope");
  });
});

describe("API6, unrestricted access to sensitive business flows", () => {
  it("thirty requests at once with one key are one order", async () => {
    const body = { ...ORDER, user_id: newUserId() };
    const headers = { "idempotency-key": `flood-${body.user_id}` };
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => call("POST", "/api/billing", { body, headers })),
    );
    expect(new Set(answers.map(idOf)).size).toBe(1);
    await untilSettled();
    expect(await ordersOfUser(body.user_id)).toHaveLength(1);
  });
});

describe("API7, server side request forgery", () => {
  it("no address in any part of a request is called or returned in an answer", async () => {
    const { host } = new URL(trap.url);
    const token = `Authorization: Bearer ${tokens.ordinary}`;
    const names = [
      "X-Forwarded-Host",
      "X-Forwarded-Server",
      "X-Original-URL",
      "X-Rewrite-URL",
      "X-Host",
      "Referer",
    ];
    const headers = [...names, "Origin", "Forwarded", "Via", "Callback", "Traceparent"].map(
      (name) => `${name}: ${trap.url}`,
    );
    for (const path of [
      "/api/movies?limit=1",
      "/api/status",
      "/api/billing/orders/1",
      `/api/movies/${encodeURIComponent(trap.url)}`,
    ]) {
      for (const [target, named] of [
        [path, "localhost"],
        [path, host],
        [`${trap.url}${path}`, host],
        [`//${host}${path}`, host],
      ] as const) {
        const answer = await rawHttp(`GET ${target} HTTP/1.1`, [token, ...headers], { host: named });
        expect(answer.status).toBeLessThan(500);
        expect(JSON.stringify(tellingOf(answer))).not.toContain(host);
      }
    }
    // The one address that is called is a webhook's, and never one within a network (webhooks.e2e.test.ts).
    const body = { title: trap.url, description: `<img src="${trap.url}">` };
    const created = await call("POST", "/api/movies", { body, headers: { "x-forwarded-host": host } });
    expect(created.headers.get("location")).toMatch(/^\/api\/movies\/\d+$/);
    const keyed = { jku: trap.url, x5u: trap.url, iss: trap.url };
    for (const at of [undefined, platform.parts.inventory?.url])
      await call("GET", "/api/movies", {
        as: null,
        at,
        headers: { authorization: `Bearer ${tokenWith(keyed)}` },
      });
    expect(trap.calls).toBe(0);
  });
});

describe("API8, security misconfiguration", () => {
  it("answers do not name their software, allow no other site, and are not cached when they refuse", async () => {
    for (const [method, path] of [
      ["GET", "/api/movies"],
      ["GET", "/api/movies/x"],
      ["POST", "/api/billing"],
      ["GET", "/api/status"],
      ["PATCH", "/"],
    ] as const) {
      const answer = await call(method, path, { headers: { origin: "https://evil.example" } });
      const names = [...answer.headers.keys()];
      expect(names.filter((name) => /^(server|x-powered-by|via|access-control-.*)$/.test(name))).toEqual([]);
      if (answer.status >= 400) expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    for (const line of ["TRACE /api/movies", "TRACK /api/movies"])
      expect((await rawHttp(`${line} HTTP/1.1`)).text).not.toMatch(/^TRAC/m);
  });
});

describe("API9, improper inventory management", () => {
  it("exactly the documented paths answer: no older version, no back door, no page of a framework", async () => {
    expect(Object.keys(openApiDocument.paths).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
    const guesses = [
      "/api",
      "/api/v1/movies",
      "/v1/api/movies",
      "/api/v2/billing",
      "/api/orders",
      "/api/users",
      "/api/billing/orders",
    ];
    const inner = [
      "/health/components",
      "/metrics",
      "/debug",
      "/admin",
      "/graphql",
      "/actuator/env",
      "/.env",
      "/.git/config",
      "/swagger.json",
    ];
    for (const path of [...guesses, ...inner])
      for (const as of ["admin", null] as const) expectProblem(await call("GET", path, { as }), "not-found");
  });
});

describe("API10, unsafe consumption of APIs", () => {
  it.each<[string, RequestListener]>([
    ["HTML", (_, response) => response.setHeader("content-type", "text/html").end("<script>")],
    [
      "a redirect",
      (_, response) =>
        response.writeHead(302, { location: trap.url, "content-type": "application/json" }).end("{}"),
    ],
    ["without end", (_, response) => flood(response.setHeader("content-type", "application/json"))],
    ["no HTTP", (request) => request.socket.end("nonsense\r\n\r\n")],
  ])("the gateway trusts no part of a service's answer with %s", async (_what, listener) => {
    const service = createServer(listener);
    const url = `http://127.0.0.1:${await listen(service.unref(), 0)}`;
    const app = createApp({
      ...{
        inventoryUrl: url,
        billingUrl: url,
        siteUrl: "https://docs.example",
        orderIdSecret: "s".repeat(32),
      },
      queue: { enqueue: async () => {}, countWaiting: async () => 0 },
      log: createLog("test"),
    });
    const claims = { sub: "ann", token_use: "access", scope: "movies.read" };
    const event = { requestContext: { authorizer: { jwt: { claims } } } };
    const answer = await app.request("/api/movies", { headers: { authorization: "Bearer abc" } }, { event });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
    expect(answer.headers.get("location")).toBeNull();
    expect(trap.calls).toBe(0);
    service.close().closeAllConnections();
  });
});

function flood(response: NodeJS.WritableStream): void {
  const more = () => {
    while (response.write(Buffer.alloc(64 * 1024, "1")));
    response.once("drain", more);
  };
  more();
}
