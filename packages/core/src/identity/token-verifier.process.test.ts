import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseEnvironment } from "../environment.ts";
import { forgedTokens, signed } from "../testing/forged-tokens.ts";
import { createTokenVerifier, IdentityEnvironment, type TokenVerifier } from "./token-verifier.ts";

const POOL = "eu-west-3_LocalPool";
const [first, second] = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 })) as [Pair, Pair];
type Pair = { publicKey: KeyObject; privateKey: KeyObject };
const now = Math.floor(Date.now() / 1_000);
const CLAIMS = {
  iss: `https://cognito-idp.eu-west-3.amazonaws.com/${POOL}`,
  client_id: "web",
  sub: "ann",
  token_use: "access",
  scope: "cloud-design/movies.read orders.read",
  iat: now,
  exp: now + 900,
};
const token = (claims: object = {}, { kid = "first", key = first.privateKey } = {}) =>
  signed({ alg: "RS256", kid }, { ...CLAIMS, ...claims }, key);

let published: Record<string, KeyObject>;
let fetches: number;
let issuer: Server;
let trapped: number;
let trap: Server;
let lines: Record<string, unknown>[];
let verifier: TokenVerifier;

async function listening(server: Server, port = 0): Promise<number> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await once(server.close(), "close");
}

beforeEach(async () => {
  published = { first: first.publicKey };
  [fetches, trapped, lines] = [0, 0, []];
  issuer = createServer((_request, response) => {
    fetches++;
    const keys = Object.entries(published).map(([kid, key]) => ({
      ...key.export({ format: "jwk" }),
      kid,
      alg: "RS256",
      use: "sig",
    }));
    response.setHeader("connection", "close").end(JSON.stringify({ keys }));
  });
  trap = createServer().on("connection", () => trapped++);
  const environment = {
    COGNITO_USER_POOL_ID: POOL,
    COGNITO_CLIENT_IDS: "web,machine",
    COGNITO_JWKS_URL: `http://127.0.0.1:${await listening(issuer)}/jwks.json`,
  };
  const log = pino({ level: "info" }, { write: (line) => void lines.push(JSON.parse(line)) });
  verifier = createTokenVerifier(parseEnvironment(IdentityEnvironment, environment), log);
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all([close(issuer), close(trap)]);
});

test("client ids may have spaces between them", () => {
  const environment = { COGNITO_USER_POOL_ID: "us-east-1_Pool", COGNITO_CLIENT_IDS: "web, machine ,\n cli" };
  expect(parseEnvironment(IdentityEnvironment, environment).COGNITO_CLIENT_IDS).toEqual([
    "web",
    "machine",
    "cli",
  ]);
});

/** The token from which the forgeries are made is remembered once it was accepted. */
const STATES: [string, number][] = [
  ["before the valid token came", 0],
  ["after the valid token was remembered", 2],
];
test.each(STATES)(
  "refuses every forgery for its own flaw, logs the reason without the token, and makes no request: %s",
  async (_, times) => {
    const trapUrl = `http://127.0.0.1:${await listening(trap)}`;
    const forged = forgedTokens({ poolKey: first.privateKey, kid: "first", claims: CLAIMS, trapUrl });
    for (let time = 0; time < times; time++) expect(await verifier.verify(token())).toBeDefined();
    for (const [reason, tokens] of Object.entries(forged)) {
      for (const [flaw, forgery] of Object.entries(tokens)) {
        lines = [];
        expect(await verifier.verify(forgery), flaw).toBe(reason === "expired" ? "expired" : undefined);
        expect(lines, flaw).toEqual([expect.objectContaining({ reason, msg: "token refused" })]);
        expect(Object.keys(lines[0] ?? {}).toSorted()).toEqual([
          "hostname",
          "level",
          "msg",
          "pid",
          "reason",
          "time",
        ]);
      }
    }
    expect(trapped).toBe(0);
    expect(await verifier.verify(token())).toMatchObject({ id: "ann" });
  },
);

test("remembers no refusal: each is logged, and a token that is valid later is accepted", async () => {
  const later = token({ nbf: now + 60 });
  for (let time = 0; time < 2; time++) expect(await verifier.verify(later)).toBeUndefined();
  expect(lines).toHaveLength(2);
  vi.useFakeTimers({ toFake: ["Date"], now: (now + 61) * 1_000 });
  expect(await verifier.verify(later)).toMatchObject({ id: "ann" });
});

test("does not say that a forged token has expired", async () => {
  const over = { exp: now - 1 };
  expect(await verifier.verify(token(over))).toBe("expired");
  for (const key of [{ key: second.privateKey }, { kid: "unknown" }])
    expect(await verifier.verify(token(over, key))).toBeUndefined();
  expect(await verifier.verify(token({ ...over, iss: "https://stranger.example" }))).toBeUndefined();
});

describe("a token's time", () => {
  test.each([
    ["ends in a second", { exp: now + 1 }],
    ["ends in a thousand years", { exp: now + 31_556_952_000 }],
    ["becomes valid this second", { nbf: now }],
    // Clocks differ; only `exp` ends a token.
    ["was issued in the future", { iat: now + 60 }],
    ["does not say when it was issued", { iat: undefined }],
  ])("is accepted when the token %s", async (_, claims) => {
    vi.useFakeTimers({ toFake: ["Date"], now: now * 1_000 });
    expect(await verifier.verify(token(claims))).toMatchObject({ id: "ann" });
  });

  test("ends a millisecond after `exp`, also when the token was remembered", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: (now + 900) * 1_000 + 1 });
    expect(await verifier.verify(token())).toBe("expired");
    vi.setSystemTime((now + 900) * 1_000 - 1);
    expect(await verifier.verify(token())).toBeDefined();
    expect(await verifier.verify(token())).toBeDefined();
    vi.setSystemTime((now + 900) * 1_000 + 1);
    expect(await verifier.verify(token())).toBe("expired");
  });
});

test.each([
  ["movies.readx", []],
  ["xmovies.read", []],
  ["MOVIES.READ", []],
  ["movies.read,movies.write", []],
  ["movies.write\tmovies.read", []],
  ["movies.* *", []],
  ["other/movies.read", []],
  ["orders.read cloud-design/movies.read", ["movies.read", "orders.read"]],
])("the scope claim %j gives the scopes %j", async (scope, opened) => {
  const caller = await verifier.verify(token({ scope, "cognito:groups": ["admin"] }));
  expect(caller).toMatchObject({ scopes: new Set(opened) });
});

describe("the pool's keys", () => {
  test("follow a rotation: the new one works at once, the old one until it is removed", async () => {
    const renewed = () => verifier.verify(token({}, { kid: "second", key: second.privateKey }));
    expect(await verifier.verify(token())).toBeDefined();
    published = { first: first.publicKey, second: second.publicKey };
    expect(await renewed()).toBeDefined();
    expect(await verifier.verify(token())).toBeDefined();

    published = { second: second.publicKey };
    // A token with an unknown key id makes the verifier read the keys again and drop the removed one.
    expect(await verifier.verify(token({}, { kid: "unknown" }))).toBeUndefined();
    expect(await verifier.verify(token())).toBeUndefined();
    expect(await renewed()).toBeDefined();
  });

  test("are read at most once a second, however many tokens name unknown keys", async () => {
    await verifier.verify(token());
    for (let index = 0; index < 50; index++) await verifier.verify(token({}, { kid: `unknown-${index}` }));
    expect(fetches).toBe(2);
    published = { second: second.publicKey };
    const renewed = () => verifier.verify(token({}, { kid: "second", key: second.privateKey }));
    await expect.poll(renewed, { timeout: 5_000 }).toBeDefined();
  });

  test("give unavailable while they cannot be read, unless they are cached", async () => {
    const port = (issuer.address() as AddressInfo).port;
    await close(issuer);
    await expect(verifier.verify(token())).rejects.toMatchObject({ code: "unavailable" });
    await listening(issuer, port);
    expect(await verifier.verify(token())).toBeDefined();
    await close(issuer);
    expect(await verifier.verify(token())).toBeDefined();
    expect(await verifier.verify(token({ exp: now - 1 }))).toBe("expired");
    await expect(verifier.verify(token({}, { kid: "second" }))).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  test.each(["<html>", "{}", '{"keys":[{"kty":1}]}'])(
    "give unavailable when they are %s",
    async (garbage) => {
      issuer.removeAllListeners("request").on("request", (_request, response) => response.end(garbage));
      await expect(verifier.verify(token())).rejects.toMatchObject({ code: "unavailable" });
    },
  );
});
