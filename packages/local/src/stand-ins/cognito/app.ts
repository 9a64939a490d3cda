import { createServer, type Server, type ServerResponse } from "node:http";
import type { Log } from "@cloud-design/core/log";
import { strangerOf } from "@cloud-design/core/visitor";
import { TIME_OUTS } from "@cloud-design/http/server";
import { issuerOf } from "./issuer.ts";
import { login, sendPage } from "./login.ts";
import { errorPage, startPage } from "./pages.ts";
import type { UserName } from "./people.ts";
import { createProvider } from "./provider.ts";
import type { SigningKey } from "./signing-key.ts";
import type { TokenScopes } from "./token-scopes.ts";
import { createUserInfo } from "./user-info.ts";

export interface IdentityOptions {
  /** In Cognito's format: `<region>_<name>`. */
  poolId: string;
  siteUrl: string;
  key: SigningKey;
  /** A rotated key: it signs no more tokens, and those that it has signed stay valid. */
  retiredKey?: SigningKey | undefined;
  tokenScopes: TokenScopes;
  /** Whether an operator has disabled or deleted the user: no new token then. */
  isClosed: (name: UserName) => boolean;
  log: Log;
}

/** A Cognito user pool with its domain: tokens name Cognito as their issuer, the endpoints answer wherever this listens. */
export function createIdentity(options: IdentityOptions): Server {
  const { poolId, siteUrl, key, retiredKey, tokenScopes, isClosed, log } = options;
  const issuer = issuerOf(poolId);
  const keys = retiredKey ? [key, retiredKey] : [key];
  const provider = createProvider({ issuer, poolId, siteUrl, keys, tokenScopes, isClosed });
  provider.on("server_error", (_ctx, error) => log.error({ err: error }, "the issuer failed"));
  const answer = provider.callback();
  const userInfo = createUserInfo(issuer, keys);
  return createServer(TIME_OUTS, (request, response) => {
    const stranger = strangerOf(request.headers, "local");
    if (stranger !== undefined) return sendPage(response, 400, errorPage(stranger));
    const url = URL.parse(request.url ?? "/", "http://localhost");
    if (url?.pathname === `/${poolId}/.well-known/openid-configuration`) {
      request.url = "/.well-known/openid-configuration";
    }
    if (url?.pathname === "/") return sendPage(response, 200, startPage(siteUrl));
    if (url?.pathname === "/oauth2/userInfo") return userInfo(request, response);
    if (url?.pathname === "/logout") return logout(response, url.searchParams.get("logout_uri"), siteUrl);
    const answered = url?.pathname.startsWith("/login/")
      ? login(provider, { isClosed, request, response })
      : answer(request, response);
    void answered.catch((error: unknown) => {
      log.error({ err: error }, "a request failed");
      if (!response.headersSent) sendPage(response, 500, errorPage("The sign-in failed. Try it again."));
    });
  });
}

/** As at Cognito: ends the session and redirects to `logout_uri`, but only to an address of the application. */
function logout(response: ServerResponse, logoutUri: string | null, siteUrl: string): void {
  const target = logoutUri === null ? null : URL.parse(logoutUri);
  const isOurs = target && [new URL(siteUrl).hostname, "localhost", "127.0.0.1"].includes(target.hostname);
  if (isOurs && /^https?:$/.test(target.protocol)) {
    const expired = ["_session", "_session.sig"].map((name) => `${name}=; path=/; httponly; max-age=0`);
    response.writeHead(302, { location: target.href, "set-cookie": expired }).end();
  } else {
    sendPage(response, 400, errorPage("logout_uri must be an address of the application."));
  }
}
