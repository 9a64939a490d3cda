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
  // The verifier checks the lifetime after the signature, so this token was signed by the pool.
  [JwtExpiredError, "expired"],
  [JwtNotBeforeError, "not valid yet"],
  [JwtInvalidSignatureAlgorithmError, "algorithm"],
  [JwtInvalidSignatureError, "signature"],
  [KidNotFoundInJwksError, "unknown key"],
  [WaitPeriodNotYetEndedJwkError, "unknown key"],
  [JwtWithoutValidKidError, "unknown key"],
  [JwtInvalidIssuerError, "issuer"],
  // An issuer for which no verifier was made.
  [ParameterValidationError, "issuer"],
  [JwtInvalidAudienceError, "client"],
  [CognitoJwtInvalidClientIdError, "client"],
  [CognitoJwtInvalidTokenUseError, "token use"],
  [IncompleteTokenError, "incomplete"],
] as const;

export type RefusalReason = (typeof REASONS)[number][1] | "malformed";

/** The reason why a token was refused, for the log only and in words of this project: the verifier's messages quote the token. */
export function refusalReason(error: unknown): RefusalReason {
  return REASONS.find(([kind]) => error instanceof kind)?.[1] ?? "malformed";
}

/**
 * Whether the keys are missing or broken, which is the server's failure; every other error of a verifier is the token's
 * fault.
 */
export function isKeysUnavailable(error: unknown): boolean {
  return [FetchError, JwkValidationError, JwksValidationError, JwksNotAvailableInCacheError].some(
    (kind) => error instanceof kind,
  );
}

/**
 * Refuses tokens that the verifier accepts: a token without an expiry or a subject, which Cognito never issues, and one
 * that depends on an unsupported extension (RFC 7515, section 4.1.11).
 */
export function requireWhole({ header, payload }: { header: JwtHeader; payload: JwtPayload }): void {
  if (payload.exp === undefined) throw new IncompleteTokenError("no exp", payload.exp);
  if (!payload.sub) throw new IncompleteTokenError("no sub", payload.sub);
  if ("crit" in header) throw new JwtParseError("an extension that must be understood");
}
