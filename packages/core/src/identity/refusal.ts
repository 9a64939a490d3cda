import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  FetchError,
  JwksNotAvailableInCacheError,
  JwksValidationError,
  JwkValidationError,
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidClaimError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
  ParameterValidationError,
  WaitPeriodNotYetEndedJwkError,
} from "aws-jwt-verify/error";
import type { JwtHeader, JwtPayload } from "aws-jwt-verify/jwt-model";

class IncompleteTokenError extends JwtInvalidClaimError {}

const REASONS = [
  // The verifier looks at the lifetime after the signature, so this one is a token of the pool.
  [JwtExpiredError, "expired"],
  [JwtNotBeforeError, "not valid yet"],
  [JwtInvalidSignatureAlgorithmError, "algorithm"],
  [JwtInvalidSignatureError, "signature"],
  [KidNotFoundInJwksError, "unknown key"],
  [WaitPeriodNotYetEndedJwkError, "unknown key"],
  [JwtWithoutValidKidError, "unknown key"],
  [JwtInvalidIssuerError, "issuer"],
  // An issuer that the verifier was not made for.
  [ParameterValidationError, "issuer"],
  [JwtInvalidAudienceError, "client"],
  [CognitoJwtInvalidClientIdError, "client"],
  [CognitoJwtInvalidTokenUseError, "token use"],
  [IncompleteTokenError, "incomplete"],
] as const;

export type RefusalReason = (typeof REASONS)[number][1] | "malformed";

/** Why a token was refused, in words of our own for the log alone: the verifier's messages quote the token. */
export function refusalReason(error: unknown): RefusalReason {
  return REASONS.find(([kind]) => error instanceof kind)?.[1] ?? "malformed";
}

/** The keys are missing or broken, which is our failure; every other error of a verifier is the token's. */
export function isKeysUnavailable(error: unknown): boolean {
  return [FetchError, JwkValidationError, JwksValidationError, JwksNotAvailableInCacheError].some(
    (kind) => error instanceof kind,
  );
}

/**
 * Refuses what the verifier lets pass: a token that never ends or is nobody's, which Cognito never writes, and one that leans on an
 * extension that is not understood here (RFC 7515, section 4.1.11).
 */
export function requireWhole({ header, payload }: { header: JwtHeader; payload: JwtPayload }): void {
  if (payload.exp === undefined) throw new IncompleteTokenError("no exp", payload.exp);
  if (!payload.sub) throw new IncompleteTokenError("no sub", payload.sub);
  if ("crit" in header) throw new JwtParseError("an extension that must be understood");
}
