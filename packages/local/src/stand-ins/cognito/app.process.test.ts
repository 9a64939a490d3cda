import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { PROGRAMS, SCOPES, spelledOut } from "@cloud-design/core/identity/scopes";
import { createLog } from "@cloud-design/core/log";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../platform/settings.ts";
import { drain, listen } from "../stand-in.ts";
import { createIdentity } from "./app.ts";
import { closeAccount, closedAccounts } from "./closed-accounts.ts";
import { issuerOf } from "./issuer.ts";
import { MACHINE_CLIENT, PROGRAM_CLIENTS, USERS } from "./people.ts";
import { accessToken, type TokenOptions } from "./sign-in.ts";
import { retiredKey, signingKey } from "./signing-key.ts";
import { openTokenScopes } from "./token-scopes.ts";

const POOL = "eu-west-3_LocalPool";
const SITE = "http://localhost:8090";

let state: string;
let server: Server;
let identityUrl: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "identity-"));
  server = createIdentity({
    poolId: POOL,
    siteUrl: SITE,
    key: await signingKey(state),
    tokenScopes: openTokenScopes(POOL),
    isClosed: (name) => Object.hasOwn(closedAccounts(state), name),
    log: createLog("identity"),
  });
  identityUrl = `http://localhost:${await listen(server, 0)}`;
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await drain(server, 1);
  await rm(state, { recursive: true });
});

it("has a page at its root that links to the page about tokens", async () => {
  const page = await fetch(identityUrl);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(`href="${SITE}/clients"`);
});

describe("tokens", () => {
  it("pass the unmodified Cognito verifier as access and ID tokens, and neither passes as the other", async () => {
    const tokens = await tokenOf("premium");
    const access = cognitoVerifier("access");
    const id = cognitoVerifier("id");
    expect(await access.verify(tokens.accessToken)).toMatchObject({
      iss: "https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_LocalPool",
      client_id: "web",
      token_use: "access",
      sub: USERS.premium.sub,
      username: "premium",
      "cognito:groups": ["premium"],
    });
    expect(await id.verify(tokens.idToken ?? "")).toMatchObject({
      aud: "web",
      email: "premium@example.com",
      "cognito:username": "premium",
      "cognito:groups": ["premium"],
    });
    await expect(access.verify(tokens.idToken ?? "")).rejects.toThrow();
    await expect(id.verify(tokens.accessToken)).rejects.toThrow();
  });

  it("carry no audience, no type and no empty groups, and live 15 minutes", async () => {
    const { header, claims } = decode((await tokenOf("ordinary")).accessToken);
    expect(Object.keys(header).sort()).toEqual(["alg", "kid"]);
    expect(claims).not.toHaveProperty("aud");
    expect(claims).not.toHaveProperty("cognito:groups");
    expect(Number(claims.exp) - Number(claims.iat)).toBe(900);
    expect(claims.auth_time).toEqual(expect.any(Number));
  });

  it.each([
    ["reader", "movies.read orders.read"],
    ["ordinary", "movies.read movies.write orders.read orders.write"],
    ["premium", "movies.read movies.write orders.read orders.write"],
    ["admin", "movies.read movies.write movies.admin orders.read orders.write"],
    ["machine", "movies.read movies.write orders.read orders.write"],
  ] as const)("give %s all of %s if no scope was asked for", async (user, scopes) => {
    const { claims } = decode((await tokenOf(user)).accessToken);
    const api = String(claims.scope)
      .split(" ")
      .filter((scope) => /[./]/.test(scope));
    // Spelled as Cognito does.
    expect(api).toEqual(scopes.split(" ").map((scope) => `cloud-design/${scope}`));
  });

  it("carry the requested scopes as they were spelled, without those that the user may not have", async () => {
    const scope =
      "openid movies.read cloud-design/orders.read movies.admin cloud-design/orders.write nonsense";
    const { claims } = decode((await tokenOf("reader", scope)).accessToken);
    expect(claims.scope).toBe("openid movies.read cloud-design/orders.read");
  });

  it("come with no ID token when openid was not asked for", async () => {
    expect((await tokenOf("ordinary", "movies.read")).idToken).toBeUndefined();
  });

  it("are refused if the user may have no requested scope", async () => {
    await expect(tokenOf("reader", "movies.admin")).rejects.toThrow("access_denied");
  });
});

describe("client credentials", () => {
  it("work with the secret in the body, too", async () => {
    const response = await askToken({
      grant_type: "client_credentials",
      client_id: MACHINE_CLIENT.id,
      client_secret: MACHINE_CLIENT.secret,
      scope: "orders.write",
    });
    const { access_token: token } = (await response.json()) as Record<string, string>;
    expect(decode(token ?? "").claims).toMatchObject({
      sub: "machine",
      client_id: "machine",
      scope: "orders.write",
      token_use: "access",
    });
  });

  it.each(["movies.admin", "cloud-design/movies.admin", "openid", "orders.write nonsense"])(
    "refuse the scope %s",
    async (scope) => {
      const response = await askToken({
        grant_type: "client_credentials",
        client_id: MACHINE_CLIENT.id,
        client_secret: MACHINE_CLIENT.secret,
        scope,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: "invalid_scope" });
    },
  );

  it.each(PROGRAMS)("give each program its own scopes and no other", async (program) => {
    const { id, secret, scopes } = PROGRAM_CLIENTS[program];
    const ask = (scope?: string) =>
      askToken({
        grant_type: "client_credentials",
        client_id: id,
        client_secret: secret,
        ...(scope && { scope }),
      });
    const { access_token: token } = (await (await ask()).json()) as Record<string, string>;
    expect(decode(token ?? "").claims).toMatchObject({
      sub: program,
      client_id: program,
      scope: scopes.map(spelledOut).join(" "),
    });
    for (const scope of SCOPES.filter((name) => !(scopes as readonly string[]).includes(name)))
      expect((await ask(scope)).status).toBe(400);
  });

  it("are refused with a wrong secret, and for the public client", async () => {
    const wrong = { grant_type: "client_credentials", client_id: "machine", client_secret: "guessed" };
    const open = { grant_type: "client_credentials", client_id: "web" };
    expect((await askToken(wrong)).status).toBe(401);
    expect((await askToken(open)).status).toBe(400);
  });
});

describe("the sign-in", () => {
  it("serves a form that needs no script, and names the demo users but not their password", async () => {
    const { html, status } = await loginForm();
    expect(status).toBe(200);
    expect(html).not.toContain("<script");
    for (const user of Object.keys(USERS)) expect(html).toContain(`<dt>${user}</dt>`);
    expect(html).not.toContain("Movies-2026!");
  });

  it("refuses a wrong password without saying which part was wrong, and shows the name as text", async () => {
    const { url, cookie } = await loginForm();
    const body = new URLSearchParams({ username: '"><b>', password: "wrong" });
    const response = await fetch(url, { method: "POST", headers: { cookie }, body, redirect: "manual" });
    expect(response.status).toBe(401);
    const html = await response.text();
    expect(html).toContain('role="alert"');
    expect(html).not.toContain("<b>");
  });

  it("is refused with the form's address but without its cookie", async () => {
    const { url } = await loginForm();
    const body = new URLSearchParams({ username: "admin", password: "Movies-2026!" });
    const response = await fetch(url, { method: "POST", body, redirect: "manual" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("too old");
  });

  it.each([
    ["plain PKCE", { code_challenge_method: "plain" }],
    ["the implicit flow", { response_type: "token" }],
  ])("refuses %s", async (_, change) => {
    const response = await authorize(change);
    const location = response.headers.get("location");
    expect(location).toMatch(
      /^http:\/\/localhost:8090\/callback[?#]error=(invalid_request|unsupported_response_type)&/,
    );
  });

  const NO_PKCE = { code_challenge: undefined, code_challenge_method: undefined };
  const redeem = (code: string, verifier?: string) =>
    askToken({
      grant_type: "authorization_code",
      client_id: "web",
      redirect_uri: `${SITE}/callback`,
      code,
      ...(verifier !== undefined && { code_verifier: verifier }),
    });

  it("accepts a request without PKCE, as Cognito does: the client must insist on it", async () => {
    expect((await redeem(await codeOf(NO_PKCE))).status).toBe(200);
  });

  it.each([undefined, "w".repeat(43)])(
    "gives no token for a challenge to the verifier %s",
    async (verifier) => {
      expect((await redeem(await codeOf({}), verifier)).status).toBe(400);
    },
  );

  it("takes what docs/deploy.md tells an application to send", async () => {
    const [link = "", exchange = ""] = readFileSync(join(ROOT, "docs/deploy.md"), "utf8")
      .split(/^```.*$/m)
      .filter((text) => text.includes("$SIGN_IN_URL/oauth2/"));
    const env = { PATH: process.env.PATH, SIGN_IN_URL: identityUrl, WEB_CLIENT_ID: "web", SITE_URL: SITE };
    const keep = 'printf \'VERIFIER=%s STATE=%s\\n\' "$VERIFIER" "$STATE"';
    const said = await bash(`${link}\n${keep}`, env);
    const [, address = "", VERIFIER = "", STATE] =
      /^(\S+)\nVERIFIER=(\S+) STATE=(\S+)$/.exec(said.trim()) ?? [];
    const back = await signedIn(await fetch(address, { redirect: "manual" }));
    expect(back.searchParams.get("state")).toBe(STATE);
    const CODE = back.searchParams.get("code") ?? "";
    const { access_token: token, refresh_token: refresh } = JSON.parse(
      await bash(exchange, { ...env, VERIFIER, CODE }),
    );
    expect(decode(token).claims).toMatchObject({ token_use: "access", scope: "cloud-design/movies.read" });
    expect(refresh).toEqual(expect.any(String));
  });

  it("gives new tokens for a refresh token once, and another refresh token with them", async () => {
    const tokensIn = async (answer: Response) =>
      (await answer.json()) as { access_token: string; refresh_token: string };
    const first = await tokensIn(await redeem(await codeOf({}), "v".repeat(43)));
    const refresh = (token: string) =>
      askToken({ grant_type: "refresh_token", client_id: "web", refresh_token: token });
    const second = await tokensIn(await refresh(first.refresh_token));
    expect(decode(second.access_token).claims).toMatchObject({
      token_use: "access",
      sub: USERS.ordinary.sub,
    });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(first.refresh_token)).status).toBe(400);
    // Either the thief or the owner has used it a second time, so both must sign in again.
    expect((await refresh(second.refresh_token)).status).toBe(400);
  });

  it("gives a closed account no token, neither by its password nor by the code or refresh token of before", async () => {
    const tokens = (await (await redeem(await codeOf({}), "v".repeat(43))).json()) as {
      refresh_token: string;
    };
    const code = await codeOf({});
    closeAccount(state, "ordinary", { isDeleted: false });
    try {
      const refreshed = {
        grant_type: "refresh_token",
        client_id: "web",
        refresh_token: tokens.refresh_token,
      };
      expect((await askToken(refreshed)).status).toBe(400);
      expect((await redeem(code, "v".repeat(43))).status).toBe(400);
      await expect(tokenOf("ordinary")).rejects.toThrow(/sign-in of ordinary ended at \/login\//);
      expect((await tokenOf("premium")).accessToken).toEqual(expect.any(String));
    } finally {
      await rm(join(state, "closed-accounts.json"));
    }
  });

  it.each([
    "https://stranger.example/callback",
    "http://localhost:8090/other",
    "http://127.0.0.1.evil.example/callback",
  ])("does not redirect to %s", async (redirect_uri) => {
    const response = await authorize({ redirect_uri });
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
  });

  it("goes back to the loopback interface on any port", async () => {
    const response = await authorize({ redirect_uri: "http://127.0.0.1:54321/callback" });
    expect(response.headers.get("location")).toMatch(/^\/login\//);
  });

  it("lets the site read the token, and no page of another origin", async () => {
    const form = {
      grant_type: "authorization_code",
      client_id: "web",
      code: "x",
      code_verifier: "y".repeat(43),
    };
    const ours = await askToken(form, { origin: SITE });
    const theirs = await askToken(form, { origin: "https://stranger.example" });
    expect(ours.headers.get("access-control-allow-origin")).toBe(SITE);
    expect(theirs.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("the endpoints", () => {
  it("are found by discovery, under the issuer that the tokens name", async () => {
    const discovery = await (await fetch(`${identityUrl}/${POOL}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({
      issuer: issuerOf(POOL),
      jwks_uri: `${identityUrl}/${POOL}/.well-known/jwks.json`,
      token_endpoint: `${identityUrl}/oauth2/token`,
      grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
    });
  });

  it("publish the public half of the key only", async () => {
    const response = await fetch(`${identityUrl}/${POOL}/.well-known/jwks.json`);
    const { keys } = (await response.json()) as { keys: object[] };
    expect(Object.keys(keys[0] ?? {}).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
  });

  it("tell who the user is, but only to tokens with openid", async () => {
    const { accessToken: token, idToken } = await tokenOf("admin", "openid movies.read");
    expect(await (await userInfo(token)).json()).toMatchObject({ sub: USERS.admin.sub, username: "admin" });
    expect((await userInfo((await tokenOf("admin", "movies.read")).accessToken)).status).toBe(403);
    expect((await userInfo(`${token}x`)).status).toBe(401);
    expect((await userInfo(idToken ?? "")).status).toBe(403);
  });

  it("redirect after a sign-out to the application, and to no other address", async () => {
    const ours = await logout(`${SITE}/`);
    expect(ours.headers.get("location")).toBe(`${SITE}/`);
    expect(ours.headers.getSetCookie().join()).toContain("_session=; path=/; httponly; max-age=0");
    expect((await logout("https://stranger.example/")).status).toBe(400);
    expect((await logout("javascript://localhost/%0aalert(1)")).status).toBe(400);
  });
});

describe("the signing key", () => {
  it("is readable by its owner only, and the same after a restart", async () => {
    const first = await signingKey(state);
    expect((await stat(join(state, "signing-key.json"))).mode & 0o777).toBe(0o600);
    expect(await signingKey(state)).toEqual(first);
  });

  it("once rotated signs no more tokens, and its tokens stay valid until it is withdrawn", async () => {
    const rotated = await mkdtemp(join(tmpdir(), "identity-"));
    const before = await signInOn(rotated);
    await rename(join(rotated, "signing-key.json"), join(rotated, "retired-key.json"));
    const after = await signInOn(rotated);
    expect(after.kid).not.toBe(before.kid);
    expect(after.published.toSorted()).toEqual([before.kid, after.kid].toSorted());
    expect(await after.statusOf(before.token)).toBe(200);
    await rm(join(rotated, "retired-key.json"));
    const withdrawn = await signInOn(rotated);
    expect(withdrawn.published).toEqual([after.kid]);
    expect(await withdrawn.statusOf(before.token)).toBe(401);
    expect(await withdrawn.statusOf(after.token)).toBe(200);
    await Promise.all([before, after, withdrawn].map(({ stop }) => stop()));
    await rm(rotated, { recursive: true });
  });

  it("says what to do when its file is damaged", async () => {
    const damaged = await mkdtemp(join(tmpdir(), "identity-"));
    await writeFile(join(damaged, "signing-key.json"), "{");
    await expect(signingKey(damaged)).rejects.toThrow(/holds no signing key\. Delete it/);
    await rm(damaged, { recursive: true });
  });
});

describe("the process", () => {
  it("issues a token that is good after a restart, prints nothing but JSON, and ends with 0 on SIGTERM", async () => {
    const first = await startProcess();
    const { accessToken: token } = await accessToken({ identityUrl: first.url, user: "ordinary" });
    expect(await first.stop()).toEqual({ exit: [0, null], errors: "" });
    const second = await startProcess();
    const response = await fetch(`${second.url}/oauth2/userInfo`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    expect(await second.stop()).toEqual({ exit: [0, null], errors: "" });
  });
});

/** An issuer of its own on this state, and one of its tokens. */
async function signInOn(directory: string) {
  const [key, retired] = [await signingKey(directory), await retiredKey(directory)];
  const issuer = createIdentity({
    poolId: POOL,
    siteUrl: SITE,
    key,
    retiredKey: retired,
    log: createLog("identity"),
    tokenScopes: openTokenScopes(POOL),
    isClosed: () => false,
  });
  const url = `http://localhost:${await listen(issuer, 0)}`;
  const { accessToken: token } = await accessToken({ identityUrl: url, user: "ordinary" });
  const jwks = (await (await fetch(`${url}/${POOL}/.well-known/jwks.json`)).json()) as {
    keys: { kid: string }[];
  };
  const { kid } = decode(token).header as { kid: string };
  const statusOf = async (bearer: string) =>
    (await fetch(`${url}/oauth2/userInfo`, { headers: { authorization: `Bearer ${bearer}` } })).status;
  return { token, kid, published: jwks.keys.map((one) => one.kid), statusOf, stop: () => drain(issuer, 1) };
}

function tokenOf(user: TokenOptions["user"], scope?: string) {
  return accessToken({ identityUrl, user, ...(scope !== undefined && { scope }) });
}

function askToken(form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${identityUrl}/oauth2/token`, { method: "POST", body: new URLSearchParams(form), headers });
}

function userInfo(token: string): Promise<Response> {
  return fetch(`${identityUrl}/oauth2/userInfo`, { headers: { authorization: `Bearer ${token}` } });
}

function logout(logoutUri: string): Promise<Response> {
  const query = new URLSearchParams({ client_id: "web", logout_uri: logoutUri });
  return fetch(`${identityUrl}/logout?${query}`, { redirect: "manual" });
}

function authorize(change: Record<string, string | undefined> = {}): Promise<Response> {
  const parameters: Record<string, string | undefined> = {
    client_id: "web",
    response_type: "code",
    redirect_uri: `${SITE}/callback`,
    code_challenge: createHash("sha256").update("v".repeat(43)).digest("base64url"),
    code_challenge_method: "S256",
    ...change,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  return fetch(`${identityUrl}/oauth2/authorize?${query}`, { redirect: "manual" });
}

/** Not synchronous, because the server that it calls is in this process. */
async function bash(script: string, env: NodeJS.ProcessEnv): Promise<string> {
  return (await promisify(execFile)("bash", ["-euc", script], { env })).stdout;
}

async function codeOf(change: Record<string, string | undefined>): Promise<string> {
  return (await signedIn(await authorize(change))).searchParams.get("code") ?? "";
}

/** Signs in with the form to which an answer leads; returns the application's callback address. */
async function signedIn(asked: Response): Promise<URL> {
  const { url, cookie } = await formBehind(asked);
  const body = new URLSearchParams({ username: "ordinary", password: "Movies-2026!" });
  const headers = { cookie };
  const entered = await fetch(url, { method: "POST", headers, body, redirect: "manual" });
  const session = entered.headers.getSetCookie().map((line) => line.split(";")[0]);
  const onwards = new URL(entered.headers.get("location") ?? "", identityUrl);
  const sent = await fetch(onwards, {
    headers: { cookie: [cookie, ...session].join("; ") },
    redirect: "manual",
  });
  return new URL(sent.headers.get("location") ?? "");
}

async function loginForm() {
  return formBehind(await authorize());
}

async function formBehind(response: Response) {
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const url = new URL(response.headers.get("location") ?? "", identityUrl);
  const page = await fetch(url, { headers: { cookie } });
  return { url, cookie, status: page.status, html: await page.text() };
}

function cognitoVerifier<Use extends "access" | "id">(tokenUse: Use) {
  const fetcher = {
    fetch: async () => (await fetch(`${identityUrl}/${POOL}/.well-known/jwks.json`)).arrayBuffer(),
  };
  return CognitoJwtVerifier.create(
    { userPoolId: POOL, clientId: "web", tokenUse },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  );
}

function decode(token: string): { header: object; claims: Record<string, unknown> } {
  const [header, claims] = token
    .split(".", 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header, claims };
}

async function startProcess() {
  const child = spawn(process.execPath, [new URL("main.ts", import.meta.url).pathname], {
    env: { PORT: "0", STATE_DIRECTORY: state, USER_POOL_ID: POOL, SITE_URL: SITE },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, "line");
  lines.on("line", (later) => JSON.parse(later));
  const stop = async () => {
    child.kill("SIGTERM");
    const exit = await once(child, "exit");
    return { exit, errors };
  };
  return { url: `http://127.0.0.1:${JSON.parse(line).port}`, stop };
}
