import { type Lane, laneOf } from "@cloud-design/core/billing/lanes";
import type { Caller, RefusalReason } from "@cloud-design/core/identity";
import { scopesOf } from "@cloud-design/core/identity/scopes";
import type { Log } from "@cloud-design/core/log";
import { bearerToken, permitted, unauthenticated } from "@cloud-design/http";
import type { Context, MiddlewareHandler } from "hono";
import type { LambdaEvent } from "hono/aws-lambda";
import { type Access, PUBLIC } from "./routes.ts";

export interface GatewayBindings {
  Bindings: { event: LambdaEvent };
  Variables: {
    caller: Caller;
    /** The lane of the caller's orders. */
    lane: Lane;
  };
}
export type GatewayContext = Context<GatewayBindings>;

type Claims = Record<string, unknown>;

/** The claims that API Gateway's authorizer has verified. Only API Gateway may invoke this function, so they cannot be forged. */
function claimsOf(event: LambdaEvent | undefined): Claims | undefined {
  const authorizer =
    event && "authorizer" in event.requestContext ? event.requestContext.authorizer : undefined;
  return authorizer && "jwt" in authorizer ? authorizer.jwt?.claims : undefined;
}

/**
 * Why a token is refused that the authorizer accepted: the authorizer does not check `token_use`, so an ID token is
 * refused here.
 */
function flawIn({ token_use, sub }: Claims): RefusalReason | undefined {
  if (token_use !== "access") return "token use";
  return typeof sub === "string" && sub !== "" ? undefined : "incomplete";
}

/** The groups of the user pool that the caller is in: API Gateway passes an array as `[a b]`, and a client's own token has no such claim. */
function groupsOf({ "cognito:groups": groups = "" }: Claims): string[] {
  return String(groups)
    .replace(/^\[|\]$/g, "")
    .split(" ");
}

/** Middleware that admits the callers whom the route's row in `ROUTES` allows. */
export function allow(access: Access, log: Log): MiddlewareHandler<GatewayBindings> {
  return async (c, next) => {
    if (access !== PUBLIC) {
      // API Gateway accepts a token without `Bearer`, which the services refuse.
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
      c.set("lane", laneOf(groupsOf(claims ?? {})));
    }
    await next();
  };
}
