import { SCOPES } from "@cloud-design/core/identity";
import { ROUTES } from "@cloud-design/functions/gateway/routes";
import { PROBLEMS } from "@cloud-design/http";
import { describe, expect, inject, it } from "vitest";
import { type Answer, call, expectProblem } from "./client.ts";
import { tokenWith, WORTHLESS_TOKENS } from "./forge.ts";
import { rawHttp } from "./raw-http.ts";
import { leavesNoTrace } from "./stores.ts";

/** Who may do what, as the contract says it. */
const CLOSED = [
  { method: "GET", path: "/api/movies", scope: "movies.read" },
  { method: "HEAD", path: "/api/movies", scope: "movies.read" },
  { method: "POST", path: "/api/movies", scope: "movies.write" },
  { method: "DELETE", path: "/api/movies", scope: "movies.admin" },
  { method: "GET", path: "/api/movies/{id}", scope: "movies.read" },
  { method: "HEAD", path: "/api/movies/{id}", scope: "movies.read" },
  { method: "PUT", path: "/api/movies/{id}", scope: "movies.write" },
  { method: "DELETE", path: "/api/movies/{id}", scope: "movies.write" },
  { method: "POST", path: "/api/billing", scope: "orders.write" },
  { method: "GET", path: "/api/billing/orders/{id}", scope: "orders.read" },
  { method: "HEAD", path: "/api/billing/orders/{id}", scope: "orders.read" },
];
const OPEN = ["/api/status", "/health/live", "/health/ready"];

function withToken(method: string, path: string, token: string): Promise<Answer> {
  const body = method === "POST" || method === "PUT" ? { title: "Never", description: "" } : undefined;
  return call(method, path, { as: null, body, headers: { authorization: token } });
}

leavesNoTrace();

it("leaves no path of the API out of this table", () => {
  const paths = new Set([...CLOSED.map(({ path }) => path), ...OPEN]);
  expect(Object.keys(ROUTES).toSorted()).toEqual([...paths].toSorted());
});

describe.each(CLOSED)("$method $path", ({ method, path, scope }) => {
  const target = path.replace("{id}", "1");

  it("asks for a token", async () => {
    expectRefused(await call(method, target, { as: null }), "unauthenticated");
  });

  it(`asks for the scope ${scope}, and says so`, async () => {
    const others = SCOPES.filter((other) => other !== scope).join(" ");
    const answer = await withToken(method, target, `Bearer ${tokenWith({ scope: others })}`);
    expectRefused(answer, "insufficient-scope");
    expect(answer.headers.get("www-authenticate")).toContain(scope);
    if (method !== "HEAD") expect(answer.json).toMatchObject({ detail: expect.stringContaining(scope) });
  });
});

describe.each(OPEN)("GET %s", (path) => {
  it("is open to everybody, also with a token that has expired", async () => {
    expect((await call("GET", path, { as: null })).status).toBe(200);
    expect((await withToken("GET", path, `Bearer ${tokenWith({ exp: 1 })}`)).status).toBe(200);
  });
});

/** HEAD has no body that could be looked at. */
function expectRefused(answer: Answer, code: "unauthenticated" | "insufficient-scope"): void {
  if (answer.text === "") expect(answer.status).toBe(PROBLEMS[code].status);
  else expectProblem(answer, code);
}

describe.each(Object.entries(WORTHLESS_TOKENS))("a token that %s", (_flaw, token) => {
  it.each([
    ["GET", "/api/movies"],
    ["POST", "/api/movies"],
    ["DELETE", "/api/movies"],
    ["POST", "/api/billing"],
  ])("opens nothing: %s %s", async (method, path) => {
    const answer = await withToken(method, path, `Bearer ${token}`);
    // An ID token has no scope, which API Gateway looks at before the function asks what the token is for.
    expectProblem(answer, answer.status === 403 ? "insufficient-scope" : "unauthenticated");
  });
});

describe("an Authorization header", () => {
  const { ordinary, admin } = inject("tokens");

  it.each([
    ["twice the same", [ordinary, ordinary]],
    ["of two callers", [ordinary, admin]],
    ["of two callers", [admin, ordinary]],
  ])("is refused when it comes %s", async (_how, tokens) => {
    const lines = tokens.map((token) => `Authorization: Bearer ${token}`);
    for (const path of ["/api/movies", "/api/billing/orders/1"])
      expectProblem(await rawHttp(`GET ${path} HTTP/1.1`, lines), "unauthenticated");
  });

  it.each([
    ["is empty", ""],
    ["has no token", "Bearer"],
    ["has another scheme", `Basic ${ordinary}`],
    ["has two tokens", `Bearer ${ordinary} ${ordinary}`],
    ["has two tokens and a comma", `Bearer ${ordinary}, Bearer ${ordinary}`],
  ])("is refused when it %s", async (_flaw, value) => {
    expectProblem(await withToken("GET", "/api/movies", value), "unauthenticated");
  });
});

it("takes nobody's word in other headers for who they are", async () => {
  const headers = {
    "x-amzn-oidc-data": inject("tokens").admin,
    "x-amzn-oidc-accesstoken": inject("tokens").admin,
    "x-amzn-request-context": JSON.stringify({ authorizer: { jwt: { claims: { token_use: "access" } } } }),
    "x-forwarded-access-token": inject("tokens").admin,
    "x-user-id": "admin",
    "x-scope": "movies.admin",
  };
  expectProblem(await call("DELETE", "/api/movies", { as: null, headers }), "unauthenticated");
  expectProblem(await call("DELETE", "/api/movies", { headers }), "insufficient-scope");
});
