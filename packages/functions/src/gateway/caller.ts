import type { Caller, RefusalReason } from "@cloud-design/core/identity";
import { scopesOf } from "@cloud-design/core/identity/scopes";
import type { Log } from "@cloud-design/core/log";
import { permitted } from "@cloud-design/http";
import type { Context, MiddlewareHandler } from "hono";
import type { LambdaEvent } from "hono/aws-lambda";
import { type Access, PUBLIC } from "./routes.ts";

export interface GatewayBindings {
  Bindings: { event: LambdaEvent };
  Variables: { caller: Caller };
}
export type GatewayContext = Context<GatewayBindings>;

/**
 * The claims that API Gateway's authorizer has verified, which only API Gateway can hand over: nobody else may invoke
 * this function. The authorizer does not look at `token_use`, so an ID token is refused here.
 */
export function callerOf(event: LambdaEvent | undefined): Caller | undefined {
  const authorizer =
    event && "authorizer" in event.requestContext ? event.requestContext.authorizer : undefined;
  const claims: Record<string, unknown> | undefined =
    authorizer && "jwt" in authorizer ? authorizer.jwt?.claims : undefined;
  if (claims?.token_use !== "access" || typeof claims.sub !== "string" || claims.sub === "") return undefined;
  return {
    id: claims.sub,
    scopes: scopesOf(String(claims.scope ?? "")),
  };
}

/** Opens a route to whom its row in `ROUTES` names. */
export function allow(access: Access, log: Log): MiddlewareHandler<GatewayBindings> {
  return async (c, next) => {
    if (access !== PUBLIC) {
      const caller = callerOf(c.env?.event);
      const reason: RefusalReason = "token use";
      if (!caller) log.info({ reason }, "token refused");
      c.set("caller", permitted(caller, access));
    }
    await next();
  };
}
