import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from "oidc-provider";
import { type UserName, userOf } from "./people.ts";

/** Finds the claims of a user's ID token. A closed account has no more tokens, also by a session, a code or a refresh token of before. */
export function accountFinder(isClosed: (name: UserName) => boolean) {
  return async (_ctx: KoaContextWithOIDC, sub: string) => {
    const found = userOf(sub);
    if (!found || isClosed(found.name)) return undefined;
    const { name, user } = found;
    const claims = {
      sub,
      token_use: "id",
      email: user.email,
      email_verified: true,
      "cognito:username": name,
      ...groupsClaim(user.groups),
    };
    return { accountId: sub, claims: () => claims };
  };
}

/** The claims that Cognito adds to an access token. */
export async function accessTokenClaims(
  { oidc }: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
) {
  const found = "accountId" in token ? userOf(token.accountId) : undefined;
  return {
    token_use: "access",
    version: 2,
    // biome-ignore lint/plugin: seconds since 1970, as tokens have them.
    auth_time: oidc.entities.AuthorizationCode?.authTime ?? Math.floor(Date.now() / 1_000),
    ...(found && { username: found.name, ...groupsClaim(found.user.groups) }),
  };
}

/** Cognito's access tokens carry no audience and no type, but the provider insists on both: this value vanishes in the JSON. */
export function likeCognito(
  _ctx: unknown,
  _token: unknown,
  parts: { header?: object; payload: Record<string, unknown> },
) {
  parts.header = { typ: undefined };
  parts.payload.aud = { toJSON: () => undefined };
}

function groupsClaim(groups: readonly string[]) {
  return groups.length > 0 ? { "cognito:groups": [...groups] } : {};
}
