import {
  isKeysUnavailable,
  PublishedKeys,
  refusalReason,
  requireWhole,
  scopesOf,
  VerifiedTokens,
} from "@cloud-design/core/identity";
import type { Log } from "@cloud-design/core/log";
import { type Access, PUBLIC } from "@cloud-design/functions/gateway/routes";
import { expired, HttpProblem, insufficientScope, unauthenticated } from "@cloud-design/http";
import { JwtVerifier } from "aws-jwt-verify";
import { JwtInvalidAudienceError } from "aws-jwt-verify/error";
import type { Jwk } from "aws-jwt-verify/jwk";
import type { JwtPayload } from "aws-jwt-verify/jwt-model";

/** The content of `requestContext.authorizer.jwt`. */
export interface JwtContext {
  claims: Record<string, string>;
  scopes: string[];
}

/** A caller's requests repeat the same token, and to verify its signature takes longer than the rest of a request. Some 4 MB. */
const REMEMBERED_MAX = 1_000;

export interface AuthorizerOptions {
  issuer: string;
  clientIds: readonly string[];
  /** The address at which the issuer's keys are read: tokens name Cognito as issuer, but a laptop does not contact Cognito. */
  jwksUrl: string;
  log: Log;
}

/**
 * The JWT authorizer of an HTTP API. Like the real one it checks signature, issuer, lifetime, `client_id` only if there is
 * no `aud`, and the scopes of the route. It does not check `token_use`, so the function must.
 * Undefined for a public route; throws `HttpProblem` if the caller may not pass.
 */
export function createAuthorizer({ issuer, clientIds, jwksUrl, log }: AuthorizerOptions) {
  const keys = new PublishedKeys(jwksUrl);
  const verified = new VerifiedTokens<JwtPayload, Jwk>((key) => keys.include(key), REMEMBERED_MAX);
  const keyOf = new WeakMap<JwtPayload, Jwk>();
  const verifier = JwtVerifier.create(
    {
      issuer,
      audience: null,
      jwksUri: `${issuer}/.well-known/jwks.json`,
      customJwtCheck: (jwt) => {
        requireWhole(jwt);
        requireAudience(jwt.payload, clientIds);
        keyOf.set(jwt.payload, jwt.jwk);
      },
    },
    { jwksCache: keys },
  );
  async function verify(token: string): Promise<JwtPayload> {
    const known = verified.get(token);
    if (known) return known;
    const claims = await verifier.verify(token);
    const key = keyOf.get(claims);
    // Without an end it would be remembered for ever.
    if (key && claims.exp !== undefined)
      verified.add(token, { content: claims, key, expiresAtSeconds: claims.exp });
    return claims;
  }
  return async (authorization: string | undefined, access: Access): Promise<JwtContext | undefined> => {
    if (access === PUBLIC) return undefined;
    // The scheme may be left out (API Gateway Developer Guide, "Authorizing API requests").
    const token = authorization?.replace(/^Bearer +/i, "");
    if (!token) throw unauthenticated({ isTokenSent: false });
    const claims = await verify(token).catch((error: unknown) => {
      throw refusal(error, log);
    });
    if (!scopesOf(claims.scope).has(access)) throw insufficientScope(access);
    return { claims: flatten(claims), scopes: claims.scope?.split(" ") ?? [] };
  };
}

export type Authorizer = ReturnType<typeof createAuthorizer>;

function requireAudience({ aud, client_id: clientId }: JwtPayload, clientIds: readonly string[]): void {
  const audience = aud === undefined ? [clientId] : [aud].flat();
  if (!audience.some((one) => typeof one === "string" && clientIds.includes(one)))
    throw new JwtInvalidAudienceError("for none of the clients", audience);
}

/** API Gateway passes every claim as a string, and an array as `[a b]`. */
function flatten(claims: JwtPayload): Record<string, string> {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(" ")}]`;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, text(value)]));
}

function refusal(error: unknown, log: Log): HttpProblem {
  if (isKeysUnavailable(error)) {
    log.warn({ err: error }, "no keys to check tokens with");
    return new HttpProblem("unavailable", "The keys that check tokens cannot be had now.", {
      headers: { "retry-after": "1" },
    });
  }
  const reason = refusalReason(error);
  log.info({ reason }, "token refused");
  return reason === "expired" ? expired() : unauthenticated({ isTokenSent: true });
}
