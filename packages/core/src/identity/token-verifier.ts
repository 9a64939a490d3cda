import { CognitoJwtVerifier } from "aws-jwt-verify";
import { FetchError } from "aws-jwt-verify/error";
import { SimpleFetcher } from "aws-jwt-verify/https";
import { SimpleJwksCache, SimplePenaltyBox } from "aws-jwt-verify/jwk";
import * as z from "zod";
import { DomainError } from "../errors.ts";
import type { Log } from "../log.ts";
import { isKeysUnavailable, refusalReason, requireWhole } from "./refusal.ts";
import { type Scope, scopesOf } from "./scopes.ts";

/** An authenticated caller and the scopes they have. */
export interface Caller {
  /** The token's `sub`: the user, or the client for client credentials. */
  id: string;
  scopes: ReadonlySet<Scope>;
}

/** The settings that a process needs to check tokens. */
export const IdentityEnvironment = z.object({
  COGNITO_USER_POOL_ID: z.string().min(1),
  /** Comma-separated. */
  COGNITO_CLIENT_IDS: z
    .string()
    .min(1)
    .transform((list) => list.split(",").map((id) => id.trim())),
  /** Where the pool's public keys are read, if not from Cognito itself. */
  COGNITO_JWKS_URL: z.url().optional(),
});

export interface TokenVerifier {
  /**
   * The caller behind an access token of this pool and these clients. "expired" for a token that the pool signed and
   * that has expired, which its owner may know. Undefined for every other token; only the log says what is wrong with
   * it.
   *
   * Throws `DomainError("unavailable")` while the pool's keys cannot be read.
   */
  verify(token: string): Promise<Caller | "expired" | undefined>;
}

export function createTokenVerifier(
  environment: z.output<typeof IdentityEnvironment>,
  log: Log,
): TokenVerifier {
  const verifier = CognitoJwtVerifier.create(
    {
      userPoolId: environment.COGNITO_USER_POOL_ID,
      clientId: environment.COGNITO_CLIENT_IDS,
      tokenUse: "access",
      customJwtCheck: requireWhole,
    },
    {
      jwksCache: new SimpleJwksCache({
        fetcher: createFetcher(environment.COGNITO_JWKS_URL),
        // An unknown key id reads the keys again, at most once a second: soon enough after a rotation, without flooding
        // the issuer.
        penaltyBox: new SimplePenaltyBox({ waitSeconds: 1 }),
      }),
    },
  );
  return {
    async verify(token) {
      try {
        const claims = await verifier.verify(token);
        return { id: claims.sub, scopes: scopesOf(claims.scope) };
      } catch (error) {
        if (isKeysUnavailable(error)) {
          throw new DomainError("unavailable", "The keys that check tokens cannot be had now.", {
            cause: error,
          });
        }
        const reason = refusalReason(error);
        log.info({ reason }, "token refused");
        return reason === "expired" ? reason : undefined;
      }
    },
  };
}

function createFetcher(jwksUrl: string | undefined) {
  const timeout = 2_000;
  if (jwksUrl === undefined)
    return new SimpleFetcher({ defaultRequestOptions: { timeout, responseTimeout: timeout } });
  return {
    async fetch() {
      try {
        const response = await fetch(jwksUrl, { redirect: "error", signal: AbortSignal.timeout(timeout) });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
        return await response.arrayBuffer();
      } catch (cause) {
        throw new FetchError(jwksUrl, String(cause));
      }
    },
  };
}
