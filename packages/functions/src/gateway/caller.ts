import type { Caller, RefusalReason } from "@cloud-design/core/identity";
import { scopesOf } from "@cloud-design/core/identity/scopes";
import type { Log } from "@cloud-design/core/log";
import { bearerToken, permitted, unauthenticated } from "@cloud-design/http";
import type { Context, MiddlewareHandler } from "hono";
import type { LambdaEvent } from "hono/aws-lambda";
import { type Access, PUBLIC } from "./routes.ts";

export interface GatewayBindings {
  Bindings: { event: LambdaEvent };
  Variables: { caller: Caller };
}
export type GatewayContext = Context<GatewayBindings>;

type Claims = Record<string, unknown>;

/** What API Gateway's authorizer has verified, which only API Gateway can hand over: nobody else may invoke this function. */
function claimsOf(event: LambdaEvent | undefined): Claims | undefined {
  const authorizer =
    event && "authorizer" in event.requestContext ? event.requestContext.authorizer : undefined;
  return authorizer && "jwt" in authorizer ? authorizer.jwt?.claims : undefined;
}

/** Why a token that the authorizer let in is nobody's: it does not look at `token_use`, so an ID token is refused here. */
function flawIn({ token_use, sub }: Claims): RefusalReason | undefined {
  if (token_use !== "access") return "token use";
  return typeof sub === "string" && sub !== "" ? undefined : "incomplete";
}

/** Opens a route to whom its row in `ROUTES` names. */
export function allow(access: Access, log: Log): MiddlewareHandler<GatewayBindings> {
  return async (c, next) => {
    if (access !== PUBLIC) {
      // API Gateway lets a token without `Bearer` pass, which the services refuse.
      if (bearerToken(c.req.header("authorization")) === undefined)
        throw unauthenticated({ isTokenSent: false });
      const claims = claimsOf(c.env?.event);
      const reason = claims && flawIn(claims);
      if (reason) log.info({ reason }, "token refused");
      const caller =
        claims && !reason
          ? { id: String(claims.sub), scopes: scopesOf(String(claims.scope ?? "")) }
          : undefined;
      c.set("caller", permitted(caller, access));
    }
    await next();
  };
}
