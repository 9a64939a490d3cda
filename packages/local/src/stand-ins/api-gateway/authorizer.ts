import { startAge } from "@cloud-design/core/age";
import { isKeysUnavailable, refusalReason, requireWhole, scopesOf } from "@cloud-design/core/identity";
import type { Log } from "@cloud-design/core/log";
import { type Access, PUBLIC } from "@cloud-design/functions/gateway/routes";
import { expired, HttpProblem, insufficientScope, unauthenticated } from "@cloud-design/http";
import { JwtVerifier } from "aws-jwt-verify";
import { FetchError, JwtInvalidAudienceError } from "aws-jwt-verify/error";
import { SimpleJwksCache, SimplePenaltyBox } from "aws-jwt-verify/jwk";
import type { JwtPayload } from "aws-jwt-verify/jwt-model";

/** The content of `requestContext.authorizer.jwt`. */
export interface JwtContext {
  claims: Record<string, string>;
  scopes: string[];
}

/** A caller's requests repeat the same token, and to verify its signature takes longer than the rest of a request. */
const REMEMBERED_SECONDS = 60;
/** Some 4 MB. */
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
  const verifier = JwtVerifier.create(
    {
      issuer,
      audience: null,
      jwksUri: `${issuer}/.well-known/jwks.json`,
      customJwtCheck: (jwt) => {
        requireWhole(jwt);
        requireAudience(jwt.payload, clientIds);
      },
    },
    {
      jwksCache: new SimpleJwksCache({
        fetcher: { fetch: () => fetchKeys(jwksUrl) },
        // An unknown key id asks the issuer again, at most once a second: soon enough after a rotation.
        penaltyBox: new SimplePenaltyBox({ waitSeconds: 1 }),
      }),
    },
  );
  const verify = rememberVerified((token) => verifier.verify(token));
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

/** Verifies a token again after a minute, once it has expired, and when a thousand others came since. */
function rememberVerified(verify: (token: string) => Promise<JwtPayload>) {
  const verified = new Map<string, { claims: JwtPayload; age: () => number }>();
  return async (token: string): Promise<JwtPayload> => {
    const known = verified.get(token);
    if (known && known.age() < REMEMBERED_SECONDS * 1_000 && !hasExpired(known.claims)) return known.claims;
    const claims = await verify(token);
    verified.delete(token); // so that it becomes the newest
    verified.set(token, { claims, age: startAge() });
    const [oldest = ""] = verified.keys();
    if (verified.size > REMEMBERED_MAX) verified.delete(oldest);
    return claims;
  };
}

function hasExpired({ exp = 0 }: JwtPayload): boolean {
  // biome-ignore lint/plugin: the issuer wrote down the time of its own clock.
  return exp * 1_000 < Date.now();
}

async function fetchKeys(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch((error: unknown) => {
    throw new FetchError(url, String(error));
  });
  if (!response.ok) throw new FetchError(url, `HTTP ${response.status}`);
  return response.arrayBuffer();
}

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
