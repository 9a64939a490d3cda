import { CognitoJwtVerifier } from "aws-jwt-verify";
import { FetchError } from "aws-jwt-verify/error";
import { SimpleFetcher } from "aws-jwt-verify/https";
import { type Jwk, type Jwks, SimpleJwksCache, SimplePenaltyBox } from "aws-jwt-verify/jwk";
import * as z from "zod";
import { DomainError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Caller } from "./caller.ts";
import { isKeysUnavailable, refusalReason, requireWhole } from "./refusal.ts";
import { scopesOf } from "./scopes.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

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
   * it. A token that was verified once is remembered until it expires or the pool's keys are read again.
   *
   * Throws `DomainError("unavailable")` while the pool's keys cannot be read.
   */
  verify(token: string): Promise<Caller | "expired" | undefined>;
}

export function createTokenVerifier(
  environment: z.output<typeof IdentityEnvironment>,
  log: Log,
): TokenVerifier {
  const keys = new PublishedKeys({
    fetcher: createFetcher(environment.COGNITO_JWKS_URL),
    // An unknown key id reads the keys again, at most once a second: soon enough after a rotation, without flooding the
    // issuer.
    penaltyBox: new SimplePenaltyBox({ waitSeconds: 1 }),
  });
  const verified = new VerifiedTokens<Jwk>((key) => keys.include(key));
  const keyOf = new WeakMap<object, Jwk>();
  const verifier = CognitoJwtVerifier.create(
    {
      userPoolId: environment.COGNITO_USER_POOL_ID,
      clientId: environment.COGNITO_CLIENT_IDS,
      tokenUse: "access",
      customJwtCheck(token) {
        requireWhole(token);
        keyOf.set(token.payload, token.jwk);
      },
    },
    { jwksCache: keys },
  );
  return {
    async verify(token) {
      const known = verified.get(token);
      if (known !== undefined) return known;
      try {
        const claims = await verifier.verify(token);
        const caller = { id: claims.sub, scopes: scopesOf(claims.scope) };
        const key = keyOf.get(claims);
        if (key !== undefined) verified.add(token, { caller, key, expiresAtSeconds: claims.exp });
        return caller;
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

/** The keys of the pool, as they were read last. */
class PublishedKeys extends SimpleJwksCache {
  readonly #keys = new Map<string, readonly Jwk[]>();

  override async getJwks(uri: string): Promise<Jwks> {
    const jwks = await super.getJwks(uri);
    this.#keys.set(uri, jwks.keys);
    return jwks;
  }

  /** False for a key of an earlier reading, even one that is still published: its tokens are then verified again. */
  include(key: Jwk): boolean {
    return [...this.#keys.values()].some((keys) => keys.includes(key));
  }
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
