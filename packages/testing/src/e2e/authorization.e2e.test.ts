import { operationsOf, scopesOf } from "@cloud-design/contract/document";
import { RESOURCE_SERVER, SCOPES } from "@cloud-design/core/identity";
import { ROUTES } from "@cloud-design/functions/gateway/routes";
import { PROBLEMS } from "@cloud-design/http";
import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, call, expectProblem, platform } from "./client.ts";
import { openApiDocument } from "./documents.ts";
import { tokenWith } from "./forge.ts";
import { rawHttp } from "./raw-http.ts";
import { leavesNoTrace } from "./stores.ts";
import { tokens } from "./tokens.ts";

/** The scope of each closed operation, as in the committed contract. HEAD needs the scope of GET. */
const CLOSED = operationsOf(openApiDocument).flatMap(({ method, path, operation }) =>
  scopesOf(operation).flatMap((spelledOut) => {
    const scope = spelledOut.replace(`${RESOURCE_SERVER}/`, "");
    return (method === "GET" ? ["GET", "HEAD"] : [method]).map((one) => ({ method: one, path, scope }));
  }),
);
/** Any other operation must have a scope. */
const OPEN = ["/api/status", "/health/live", "/health/ready"];

/** The service that serves a path, for direct requests. */
function servedBy(path: string): string | undefined {
  if (/^\/api\/(movies|imports|webhooks)/.test(path)) return "inventory";
  return path === "/api/billing/orders/{id}" ? "billing" : undefined;
}
/** Every combination of scopes, from none to all, with a token that has exactly these. */
const TOKENS = Array.from({ length: 2 ** SCOPES.length }, (_, bits) => {
  const scopes = SCOPES.filter((_scope, index) => bits & (1 << index));
  return { scopes, token: tokenWith({ scope: scopes.join(" ") }) };
});

function withToken(method: string, path: string, token: string, at?: string): Promise<Answer> {
  // An authorized request fails afterwards: the body is malformed, and there are no movies.
  const body = method === "POST" || method === "PUT" ? {} : undefined;
  return call(method, path, { as: null, body, headers: { authorization: token }, at });
}

beforeAll(() => call("DELETE", "/api/movies", { as: "admin" }));
leavesNoTrace();

it("documents every path, and a scope for every operation but those that are open", () => {
  const operations = operationsOf(openApiDocument);
  const open = operations.filter(({ operation }) => scopesOf(operation).length === 0);
  expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual(OPEN.map((path) => `GET ${path}`));
  const paths = new Set(operations.map(({ path }) => path));
  expect(Object.keys(ROUTES).toSorted()).toEqual([...paths].toSorted());
});

describe.each(CLOSED)("$method $path", ({ method, path, scope }) => {
  const target = path.replace("{id}", "1");

  it("asks for a token", async () => {
    expectRefused(await call(method, target, { as: null }), "unauthenticated");
  });

  const doors = ["gateway", servedBy(path)].filter((door) => door !== undefined);
  it.each(doors)(`opens at the %s exactly to tokens with the scope ${scope}`, async (door) => {
    const answers = await Promise.all(
      TOKENS.map(({ token }) => withToken(method, target, `Bearer ${token}`, platform.parts[door]?.url)),
    );
    for (const [index, answer] of answers.entries()) {
      const scopes: readonly string[] = TOKENS[index]?.scopes ?? [];
      if (scopes.includes(scope)) expect([200, 400, 404], scopes.join(" ")).toContain(answer.status);
      else expectRefused(answer, "insufficient-scope", scope);
    }
  });
});

describe.each(OPEN)("GET %s", (path) => {
  it("is open without a token, and with an expired one", async () => {
    expect((await call("GET", path, { as: null })).status).toBe(200);
    expect((await withToken("GET", path, `Bearer ${tokenWith({ exp: 1 })}`)).status).toBe(200);
  });
});

/** HEAD has no body to compare. */
function expectRefused(answer: Answer, code: "unauthenticated" | "insufficient-scope", scope?: string): void {
  if (answer.text === "") expect(answer.status).toBe(PROBLEMS[code].status);
  else expectProblem(answer, code);
  if (scope === undefined) return;
  expect(answer.headers.get("www-authenticate")).toBe(
    `Bearer error="insufficient_scope", scope="cloud-design/${scope}"`,
  );
  if (answer.text !== "") expect(answer.json).toMatchObject({ detail: expect.stringContaining(scope) });
}

/** Values in the place of an access token, and whether every door accepts each (RFC 6750, section 2.1). */
const CREDENTIALS: { how: string; lines: (token: string) => string[]; isTaken?: true }[] = [
  { how: "Bearer", lines: (token) => [`Authorization: Bearer ${token}`], isTaken: true },
  { how: "bearer in small letters", lines: (token) => [`Authorization: bearer ${token}`], isTaken: true },
  { how: "BEARER in capitals", lines: (token) => [`authorization: BEARER ${token}`], isTaken: true },
  { how: "two spaces", lines: (token) => [`Authorization: Bearer  ${token}`], isTaken: true },
  {
    how: "blanks around the value",
    lines: (token) => [`Authorization: \t Bearer ${token} \t`],
    isTaken: true,
  },
  { how: "no header", lines: () => [] },
  { how: "an empty header", lines: () => ["Authorization:"] },
  { how: "Bearer alone", lines: () => ["Authorization: Bearer"] },
  { how: "no scheme", lines: (token) => [`Authorization: ${token}`] },
  { how: "no blank after the scheme", lines: (token) => [`Authorization: Bearer${token}`] },
  { how: "a tab after the scheme", lines: (token) => [`Authorization: Bearer\t${token}`] },
  { how: "the scheme twice", lines: (token) => [`Authorization: Bearer Bearer ${token}`] },
  { how: "Basic", lines: (token) => [`Authorization: Basic ${token}`] },
  { how: "Token", lines: (token) => [`Authorization: Token ${token}`] },
  { how: "a parameter", lines: (token) => [`Authorization: Bearer token=${token}`] },
  { how: "quotes", lines: (token) => [`Authorization: Bearer "${token}"`] },
  { how: "two tokens", lines: (token) => [`Authorization: Bearer ${token} ${token}`] },
  { how: "two tokens and a comma", lines: (token) => [`Authorization: Bearer ${token},Bearer ${token}`] },
  { how: "two bare tokens and a comma", lines: (token) => [`Authorization: ${token},${token}`] },
  { how: "Bearer behind another scheme", lines: (token) => [`Authorization: Basic x, Bearer ${token}`] },
  { how: "two headers", lines: (token) => Array(2).fill(`Authorization: Bearer ${token}`) },
  {
    how: "two headers, one bare",
    lines: (token) => [`Authorization: Bearer ${token}`, `Authorization: ${token}`],
  },
  { how: "Proxy-Authorization", lines: (token) => [`Proxy-Authorization: Bearer ${token}`] },
  { how: "a cookie", lines: (token) => [`Cookie: access_token=${token}; Authorization=Bearer ${token}`] },
];

describe.each(CLOSED)("$method $path has one rule for credentials", ({ method, path, scope }) => {
  const token = tokenWith({ scope });
  // The body is malformed and the movie does not exist: an authorized request changes nothing.
  const target = path.replace("{id}", "0");
  const doors = ["gateway", servedBy(path)].filter((door) => door !== undefined);
  const knock = (door: string, where: string, lines: string[], body = "{}") => {
    const announced = ["Content-Type: application/json", `Content-Length: ${body.length}`];
    const at = platform.parts[door]?.url;
    return rawHttp(`${method} ${where} HTTP/1.1`, [...lines, ...announced], { body, ...(at && { at }) });
  };

  it.each(CREDENTIALS)("at each door alike: $how", async ({ lines, isTaken }) => {
    for (const door of doors) {
      const answer = await knock(door, target, lines(token));
      if (isTaken) expect([200, 400, 404], door).toContain(answer.status);
      else expectRefused(answer, "unauthenticated");
    }
  });

  it("takes no token from the query or the body", async () => {
    for (const door of doors) {
      expectRefused(await knock(door, `${target}?access_token=${token}`, []), "unauthenticated");
      const body = JSON.stringify({ access_token: token });
      expectRefused(await knock(door, target, [], body), "unauthenticated");
    }
  });
});

describe("an Authorization header", () => {
  const { ordinary, admin } = tokens;

  it.each([
    ["twice the same", [ordinary, ordinary]],
    ["of two callers", [ordinary, admin]],
    ["of two callers", [admin, ordinary]],
  ])("is refused when it comes %s", async (_how, tokens) => {
    const lines = tokens.map((token) => `Authorization: Bearer ${token}`);
    for (const path of ["/api/movies", "/api/billing/orders/1"])
      expectProblem(await rawHttp(`GET ${path} HTTP/1.1`, lines), "unauthenticated");
  });
});

it("does not believe an identity in other headers", async () => {
  const headers = {
    "x-amzn-oidc-data": tokens.admin,
    "x-amzn-oidc-accesstoken": tokens.admin,
    "x-amzn-request-context": JSON.stringify({ authorizer: { jwt: { claims: { token_use: "access" } } } }),
    "x-forwarded-access-token": tokens.admin,
    "x-user-id": "admin",
    "x-scope": "movies.admin",
  };
  expectProblem(await call("DELETE", "/api/movies", { as: null, headers }), "unauthenticated");
  expectProblem(await call("DELETE", "/api/movies", { headers }), "insufficient-scope");
});

it.each(["x-http-method-override", "x-method-override", "x-http-method"])(
  "%s does not change the method of a request",
  async (name) => {
    const headers = { [name]: "DELETE" };
    for (const method of ["GET", "POST"]) {
      const body = method === "POST" ? { _method: "DELETE" } : undefined;
      const answer = await call(method, "/api/movies?_method=DELETE", { as: "admin", headers, body });
      // It is a list of movies with an unknown parameter `_method`, or a new movie.
      expectProblem(answer, "invalid-request");
    }
    expectProblem(await call("GET", "/api/movies", { as: null, headers }), "unauthenticated");
  },
);

it("OPTIONS and unknown methods tell nothing and change nothing, with a token and without", async () => {
  for (const as of ["admin", null] as const) {
    for (const { path } of CLOSED) {
      const target = path.replace("{id}", "1");
      const preflight = await call("OPTIONS", target, { as });
      expect([preflight.status, preflight.text]).toEqual([204, ""]);
      expectProblem(await call("PATCH", target, { as }), "method-not-allowed");
    }
  }
});
