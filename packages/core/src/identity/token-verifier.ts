import { CognitoJwtVerifier } from "aws-jwt-verify";
import type { Jwk } from "aws-jwt-verify/jwk";
import * as z from "zod";
import { DomainError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Caller } from "./caller.ts";
import { PublishedKeys } from "./published-keys.ts";
import { isKeysUnavailable, refusalReason, requireWhole } from "./refusal.ts";
import { scopesOf } from "./scopes.ts";
import { VerifiedTokens } from "./verified-tokens.ts";

/** Some 20 MB at most, if every token is as long as may be. */
const REMEMBERED_MAX = 10_000;

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
  const keys = new PublishedKeys(environment.COGNITO_JWKS_URL);
  const verified = new VerifiedTokens<Caller, Jwk>((key) => keys.include(key), REMEMBERED_MAX);
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
        if (key !== undefined) verified.add(token, { content: caller, key, expiresAtSeconds: claims.exp });
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
