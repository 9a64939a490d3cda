import type { Caller, Scope, TokenVerifier } from "@cloud-design/core/identity";
import type { MiddlewareHandler } from "hono";
import { HttpProblem } from "./problem.ts";

export interface CallerVariables {
  Variables: { caller: Caller };
}

/** The caller, when there is one who may do this; throws 401 or 403. */
export function permitted(caller: Caller | undefined, scope: Scope): Caller {
  if (!caller) throw unauthenticated();
  if (!caller.scopes.has(scope)) {
    throw new HttpProblem("insufficient-scope", `This needs a token with the scope ${scope}.`, {
      headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
    });
  }
  return caller;
}

/** Lets a caller pass who has the scope; stands behind `authenticate`. */
export function requireScope(scope: Scope): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    permitted(c.var.caller, scope);
    await next();
  };
}

/** Checks the bearer token itself, whoever has forwarded it; `caller` tells the routes behind it who that is. */
export function authenticate(verifier: TokenVerifier): MiddlewareHandler<CallerVariables> {
  return async (c, next) => {
    const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const caller = token === undefined ? undefined : await verifier.verify(token);
    if (!caller) throw unauthenticated();
    c.set("caller", caller);
    await next();
  };
}

function unauthenticated(): HttpProblem {
  return new HttpProblem("unauthenticated", "Send an access token as `Authorization: Bearer <token>`.");
}
