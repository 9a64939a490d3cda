import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import { createLog } from "@cloud-design/core/log";
import { HttpProblem, problem } from "@cloud-design/http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drain, listen } from "../stand-in.ts";
import { type Authorizer, createAuthorizer } from "./authorizer.ts";

const ISSUER = "https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_LocalPool";
const first = generateKeyPairSync("rsa", { modulusLength: 2048 });
const second = generateKeyPairSync("rsa", { modulusLength: 2048 });
const now = Math.floor(Date.now() / 1_000);
const CLAIMS = {
  iss: ISSUER,
  client_id: "web",
  sub: "u-1",
  token_use: "access",
  scope: "cloud-design/movies.read orders.read",
  iat: now,
  exp: now + 900,
};

let keys: { kid: string; publicKey: KeyObject }[];
let fetches: number;
let issuer: Server;
let authorize: Authorizer;

beforeEach(async () => {
  keys = [{ kid: "first", publicKey: first.publicKey }];
  fetches = 0;
  issuer = createServer((_request, response) => {
    fetches += 1;
    const published = keys.map(({ kid, publicKey }) => ({
      ...publicKey.export({ format: "jwk" }),
      kid,
      alg: "RS256",
      use: "sig",
    }));
    response.end(JSON.stringify({ keys: published }));
  });
  const jwksUrl = `http://127.0.0.1:${await listen(issuer, 0)}/jwks.json`;
  authorize = createAuthorizer({
    issuer: ISSUER,
    clientIds: ["web", "machine"],
    jwksUrl,
    log: createLog("test"),
  });
});

afterEach(async () => {
  vi.useRealTimers();
  await drain(issuer, 1);
});

describe("the authorizer", () => {
  it("hands the claims over as strings, arrays as [a b], and the token's scopes", async () => {
    const token = sign({ ...CLAIMS, "cognito:groups": ["admin", "premium"], email_verified: true });
    expect(await authorize(`Bearer ${token}`, "movies.read")).toEqual({
      claims: {
        ...CLAIMS,
        iat: String(now),
        exp: String(now + 900),
        "cognito:groups": "[admin premium]",
        email_verified: "true",
      },
      scopes: ["cloud-design/movies.read", "orders.read"],
    });
  });

  it.each(["", "bearer ", "BEARER  "])("takes the token after %j", async (scheme) => {
    expect(await authorize(`${scheme}${sign(CLAIMS)}`, "orders.read")).toBeDefined();
  });

  it("does not check a token on a public route, good or bad", async () => {
    expect(await authorize(undefined, "public")).toBeUndefined();
    expect(await authorize("Bearer nonsense", "public")).toBeUndefined();
  });

  it("lets an ID token with the right audience pass where its scopes suffice, as the real one does", async () => {
    const { client_id: _, ...claims } = CLAIMS;
    const token = sign({ ...claims, aud: "web", token_use: "id" });
    expect((await authorize(token, "movies.read"))?.claims.token_use).toBe("id");
  });

  it("checks client_id only if the token has no aud", async () => {
    await expectRefusal(sign({ ...CLAIMS, aud: "somebody" }), "unauthenticated", /invalid_token/);
    expect(
      await authorize(sign({ ...CLAIMS, aud: ["x", "web"], client_id: "x" }), "movies.read"),
    ).toBeDefined();
  });

  it.each([
    ["no token", undefined],
    ["an empty one", "Bearer "],
    ["nonsense", "Bearer nonsense"],
    ["another scheme", "Basic d2ViOng="],
    ["two tokens", `Bearer ${sign(CLAIMS)},Bearer ${sign(CLAIMS)}`],
    [
      "an expired token that another key has signed",
      sign({ ...CLAIMS, exp: now - 1 }, "first", second.privateKey),
    ],
    ["a token of another issuer", sign({ ...CLAIMS, iss: "https://stranger.example" })],
    ["a token of another client", sign({ ...CLAIMS, client_id: "stranger" })],
    ["a token without client", sign({ ...CLAIMS, client_id: undefined })],
    ["a token signed with another key", sign(CLAIMS, "first", second.privateKey)],
    ["a token with the id of an unknown key", sign(CLAIMS, "second", second.privateKey)],
    ["a token without signature", `${encode({ alg: "none", kid: "first" })}.${encode(CLAIMS)}.`],
    [
      "a token with claims changed later",
      sign(CLAIMS).replace(/\.[^.]+\./, `.${encode({ ...CLAIMS, sub: "u-2" })}.`),
    ],
  ])("refuses %s with 401 and a challenge", async (_, authorization) => {
    await expectRefusal(authorization, "unauthenticated", /^Bearer(?: error="invalid_token")?$/);
  });

  it("names the expiry in the challenge for an expired token of the pool (RFC 6750, section 3)", async () => {
    const challenge = /^Bearer error="invalid_token", error_description="The token expired"$/;
    await expectRefusal(sign({ ...CLAIMS, exp: now - 1 }), "unauthenticated", challenge);
  });

  it("refuses a token without the route's scope with 403, and names the scope", async () => {
    const scope = /^Bearer error="insufficient_scope", scope="cloud-design\/movies.admin"$/;
    await expectRefusal(sign(CLAIMS), "insufficient-scope", scope, "movies.admin");
    await expectRefusal(sign({ ...CLAIMS, scope: undefined }), "insufficient-scope", scope, "movies.admin");
    await expectRefusal(
      sign({ ...CLAIMS, scope: "movies.administrator" }),
      "insufficient-scope",
      scope,
      "movies.admin",
    );
  });

  it("answers 503 while it has no keys and the issuer is down, and works as soon as it is back", async () => {
    const port = (issuer.address() as { port: number }).port;
    await drain(issuer, 1);
    await expect(authorize(sign(CLAIMS), "movies.read")).rejects.toMatchObject({
      code: "unavailable",
      options: { headers: { "retry-after": "1" } },
    });
    await listen(issuer, port);
    expect(await authorize(sign(CLAIMS), "movies.read")).toBeDefined();
  });

  it("verifies tokens with the keys it has while the issuer is down", async () => {
    await Promise.all(Array.from({ length: 20 }, () => authorize(sign(CLAIMS), "movies.read")));
    expect(fetches).toBe(1);
    await drain(issuer, 1);
    expect(await authorize(sign(CLAIMS), "movies.read")).toBeDefined();
    await listen(issuer, 0);
  });

  it("finds a new key after a rotation, and does not ask the issuer for every unknown key", async () => {
    await authorize(sign(CLAIMS), "movies.read");
    keys.push({ kid: "second", publicKey: second.publicKey });
    expect(await authorize(sign(CLAIMS, "second", second.privateKey), "movies.read")).toBeDefined();
    for (const kid of ["third", "fourth", "fifth"])
      await expectRefusal(sign(CLAIMS, kid), "unauthenticated", /^Bearer/);
    expect(fetches).toBe(3);
  });

  it("accepts a verified token until it expires", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const token = sign({ ...CLAIMS, exp: now + 30 });
    expect(await authorize(token, "movies.read")).toBeDefined();
    await expectRefusal(token, "insufficient-scope", /movies.admin/, "movies.admin");
    vi.setSystemTime((now + 29) * 1_000);
    expect(await authorize(token, "movies.read")).toBeDefined();
    vi.setSystemTime((now + 31) * 1_000);
    await expectRefusal(token, "unauthenticated", /The token expired/);
  });

  it("refuses a verified token once its key was withdrawn and the keys were read again", async () => {
    expect(await authorize(sign(CLAIMS), "movies.read")).toBeDefined();
    keys = [{ kid: "second", publicKey: second.publicKey }];
    expect(await authorize(sign(CLAIMS), "movies.read")).toBeDefined();
    expect(await authorize(sign(CLAIMS, "second", second.privateKey), "movies.read")).toBeDefined();
    await expectRefusal(sign(CLAIMS), "unauthenticated", /invalid_token/);
  });
});

async function expectRefusal(
  authorization: string | undefined,
  code: string,
  challenge: RegExp,
  scope: Parameters<Authorizer>[1] = "movies.read",
): Promise<void> {
  const error = await authorize(authorization, scope).catch((refused: unknown) => refused);
  if (!(error instanceof HttpProblem)) throw new Error(`no refusal: ${error}`);
  expect(error.code).toBe(code);
  const { headers } = problem("https://docs.example", error.code, error.message, error.options);
  expect(headers.get("www-authenticate")).toMatch(challenge);
}

function sign(claims: object, kid = "first", key: KeyObject = first.privateKey): string {
  const signed = `${encode({ alg: "RS256", kid })}.${encode(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
