import type { Caller, Scope, TokenVerifier } from "@cloud-design/core/identity";
import type { MiddlewareHandler } from "hono";
import { HttpProblem } from "./problem.ts";

export interface CallerVariables {
  Variables: { caller: Caller };
}

/** Lets a caller pass who has the scope; `caller` tells the routes behind it who that is. */
export function requireScope(scope: Scope): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    if (!c.var.caller.scopes.has(scope)) {
      throw new HttpProblem("insufficient-scope", `This needs a token with the scope ${scope}.`, {
        headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
      });
    }
    await next();
  };
}

/** Checks the bearer token itself, whoever has forwarded it. */
export function authenticate(verifier: TokenVerifier): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const caller = token === undefined ? undefined : await verifier.verify(token);
    if (!caller)
      throw new HttpProblem("unauthenticated", "Send an access token as `Authorization: Bearer <token>`.");
    c.set("caller", caller);
    await next();
  };
}
