import type { Caller, Scope, TokenVerifier } from "@cloud-design/core/identity";
import { spelledOut } from "@cloud-design/core/identity/scopes";
import type { MiddlewareHandler } from "hono";
import { HttpProblem } from "./problem.ts";

export interface CallerVariables {
  Variables: { caller: Caller };
}

/** Returns the caller when they have the scope. Throws 403 without it, or 401 when the token names no caller. */
export function permitted(caller: Caller | undefined, scope: Scope): Caller {
  if (!caller) throw unauthenticated({ isTokenSent: true });
  if (!caller.scopes.has(scope)) throw insufficientScope(scope);
  return caller;
}

/** Middleware that passes only callers with the scope. It must come after `authenticate`. */
export function requireScope(scope: Scope): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    permitted(c.var.caller, scope);
    await next();
  };
}

/** The text after `Bearer` (RFC 6750, section 2.1), which may not be a token; undefined for any other header. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1];
}

/** Middleware that checks the bearer token itself, even if a proxy already did, and sets `caller` for the routes after it. */
export function authenticate(verifier: TokenVerifier): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    const token = bearerToken(c.req.header("authorization"));
    if (token === undefined) throw unauthenticated({ isTokenSent: false });
    const caller = await verifier.verify(token);
    if (caller === "expired") throw expired();
    if (!caller) throw unauthenticated({ isTokenSent: true });
    c.set("caller", caller);
    await next();
  };
}

/** The answer to a token with a valid signature that has expired: its owner can read the expiry in it. */
export function expired(): HttpProblem {
  return new HttpProblem("unauthenticated", "The access token expired. Get a new one.", {
    headers: { "www-authenticate": 'Bearer error="invalid_token", error_description="The token expired"' },
  });
}

/**
 * The same answer for every other flaw of a token, so that the answer does not help to forge a better one (RFC 6750,
 * section 3.1).
 */
export function unauthenticated({ isTokenSent }: { isTokenSent: boolean }): HttpProblem {
  return new HttpProblem(
    "unauthenticated",
    "Send a valid access token as `Authorization: Bearer <token>`.",
    isTokenSent ? { headers: { "www-authenticate": 'Bearer error="invalid_token"' } } : {},
  );
}

export function insufficientScope(scope: Scope): HttpProblem {
  return new HttpProblem("insufficient-scope", `This needs a token with the scope ${scope}.`, {
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${spelledOut(scope)}"` },
  });
}
