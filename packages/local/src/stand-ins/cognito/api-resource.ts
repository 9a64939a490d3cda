import { ACCESS_TOKEN_MINUTES, spelledOut } from "@cloud-design/core/identity";
import { errors, type KoaContextWithOIDC, type Provider } from "oidc-provider";
import { isProgram, OPENID_SCOPES, PROGRAM_CLIENTS, spellings, USERS, userOf } from "./people.ts";
import type { TokenScopes } from "./token-scopes.ts";

export const TOKEN_SECONDS = ACCESS_TOKEN_MINUTES * 60;
/** The one API that tokens are for. */
const API = "urn:cloud-design:api";
const EVERY_SCOPE = USERS.admin.scopes;

/** A request without a scope asks for all scopes; one without a resource asks for the API. */
export async function defaultResource({ oidc }: KoaContextWithOIDC) {
  const params = oidc.params ?? {};
  const program = programOf(oidc.client?.clientId);
  const scopes = (program?.scopes ?? EVERY_SCOPE).map(spelledOut);
  params.scope ??= [...(program ? [] : OPENID_SCOPES), ...scopes].join(" ");
  return API;
}

/** The scopes that each client may have: a user's grant cuts the scopes down to the allowed ones, a program is refused. */
export async function getResourceServerInfo({ oidc }: KoaContextWithOIDC) {
  const clientId = oidc.client?.clientId;
  const program = programOf(clientId);
  const known = program ? spellings(program.scopes) : [...OPENID_SCOPES, ...spellings(EVERY_SCOPE)];
  if (program) {
    const unknown = String(oidc.params?.scope ?? "")
      .split(" ")
      .find((scope) => scope && !known.includes(scope));
    if (unknown) throw new errors.InvalidScope("requested scope is not allowed", unknown);
  }
  return {
    scope: known.join(" "),
    audience: clientId,
    accessTokenFormat: "jwt" as const,
    accessTokenTTL: TOKEN_SECONDS,
    jwt: { sign: { alg: "RS256" as const } },
  };
}

/** Made for each request, because users are not asked for consent: they get the scopes that they ask for and may have. */
export async function grantFor(provider: Provider, tokenScopes: TokenScopes, { oidc }: KoaContextWithOIDC) {
  const { accountId } = oidc.session ?? {};
  const user = accountId && userOf(accountId)?.user;
  if (!accountId || !user) return undefined;
  const grant = new provider.Grant({ accountId, clientId: oidc.client?.clientId });
  const withheld = await tokenScopes(user);
  const scopes = user.scopes.filter((scope) => !withheld.has(spelledOut(scope)));
  const allowed = [...OPENID_SCOPES, ...spellings(scopes)].join(" ");
  grant.addOIDCScope(OPENID_SCOPES.join(" "));
  grant.addResourceScope(API, allowed);
  await grant.save();
  return grant;
}

function programOf(clientId = "") {
  return isProgram(clientId) ? PROGRAM_CLIENTS[clientId] : undefined;
}
