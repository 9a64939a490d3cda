import { createHash, randomBytes } from "node:crypto";
import type { Program } from "@cloud-design/core/identity/scopes";
import * as z from "zod";
import { SetupError } from "../../supervisor/part.ts";
import { isProgram, PASSWORD, PROGRAM_CLIENTS, type UserName, WEB_CLIENT } from "./people.ts";

/** Never fetched: the address to which the authorization server would send a browser. */
const REDIRECT_URI = "http://127.0.0.1/callback";
const REDIRECTS_MAX = 5;

const TokenResponse = z.object({
  access_token: z.string(),
  id_token: z.string().optional(),
  expires_in: z.number(),
});

export interface Tokens {
  accessToken: string;
  /** Only for users, and only when `openid` is among the scopes. */
  idToken?: string | undefined;
  expiresInSeconds: number;
}

export interface TokenOptions {
  identityUrl: string;
  user: UserName | Program;
  /** Separated by spaces; without it the token has every scope that the user may have. */
  scope?: string;
}

/** Signs in as a browser or a machine does, with the real authorization code flow or client credentials. */
export async function accessToken({ identityUrl, user, scope }: TokenOptions): Promise<Tokens> {
  if (isProgram(user)) {
    const { id, secret } = PROGRAM_CLIENTS[user];
    const basic = Buffer.from(`${id}:${secret}`).toString("base64");
    return exchange(
      identityUrl,
      { grant_type: "client_credentials", ...(scope && { scope }) },
      { authorization: `Basic ${basic}` },
    );
  }
  const verifier = randomBytes(32).toString("base64url");
  const authorize = new URL("/oauth2/authorize", identityUrl);
  authorize.search = new URLSearchParams({
    client_id: WEB_CLIENT.id,
    response_type: "code",
    redirect_uri: REDIRECT_URI,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(scope && { scope }),
  }).toString();
  return exchange(identityUrl, {
    grant_type: "authorization_code",
    client_id: WEB_CLIENT.id,
    redirect_uri: REDIRECT_URI,
    code: await signIn(authorize, user),
    code_verifier: verifier,
  });
}

/** Follows the redirects as a browser would, and answers the login form. */
async function signIn(authorize: URL, user: UserName): Promise<string> {
  const cookies = new Map<string, string>();
  let url = authorize;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    const isLogin = url.pathname.startsWith("/login/");
    const response = await request(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(isLogin && { method: "POST", body: new URLSearchParams({ username: user, password: PASSWORD }) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) break;
    url = new URL(location, url);
    if (url.href.startsWith(REDIRECT_URI)) return codeOf(url);
  }
  throw new Error(`The sign-in of ${user} ended at ${url.pathname} instead of the application.`);
}

function codeOf({ searchParams }: URL): string {
  const code = searchParams.get("code");
  if (code !== null) return code;
  throw new Error(
    `The sign-in was refused: ${searchParams.get("error_description") ?? searchParams.get("error")}.`,
  );
}

async function exchange(
  identityUrl: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Tokens> {
  const url = new URL("/oauth2/token", identityUrl);
  const response = await request(url, { method: "POST", body: new URLSearchParams(form), headers });
  if (!response.ok) throw new Error(`No token: ${await response.text()}`);
  const body = TokenResponse.parse(await response.json());
  return { accessToken: body.access_token, idToken: body.id_token, expiresInSeconds: body.expires_in };
}

async function request(url: URL, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch((cause: unknown) => {
    throw new SetupError(
      `Nothing answers at ${url.origin}. See \`npm run ops -- ps\` for the part "identity".`,
      { cause },
    );
  });
}
