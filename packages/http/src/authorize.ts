import type { Caller, Scope, TokenVerifier } from "@cloud-design/core/identity";
import { spelledOut } from "@cloud-design/core/identity/scopes";
import type { MiddlewareHandler } from "hono";
import { HttpProblem } from "./problem.ts";

export interface CallerVariables {
  Variables: { caller: Caller };
}

/** The caller, when there is one who may do this; throws 403, or 401 for a token that names no caller. */
export function permitted(caller: Caller | undefined, scope: Scope): Caller {
  if (!caller) throw unauthenticated({ isTokenSent: true });
  if (!caller.scopes.has(scope)) throw insufficientScope(scope);
  return caller;
}

/** Lets a caller pass who has the scope; stands behind `authenticate`. */
export function requireScope(scope: Scope): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    permitted(c.var.caller, scope);
    await next();
  };
}

/** What stands behind `Bearer` (RFC 6750, section 2.1), be it a token or not; undefined where the header says anything else. */
export function bearerToken(authorization: string | undefined): string | undefined {
  return /^Bearer +(.+)$/i.exec(authorization ?? "")?.[1];
}

/** Checks the bearer token itself, whoever has forwarded it; `caller` tells the routes behind it who that is. */
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

/** For a token whose signature is right: its owner can read in it when it ends. */
export function expired(): HttpProblem {
  return new HttpProblem("unauthenticated", "The access token expired. Get a new one.", {
    headers: { "www-authenticate": 'Bearer error="invalid_token", error_description="The token expired"' },
  });
}

/** The same answer whatever else is wrong with a token, so that nobody learns from it how to make a better one (RFC 6750, section 3.1). */
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
