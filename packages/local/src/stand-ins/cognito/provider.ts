import { randomBytes } from "node:crypto";
import { type Configuration, interactionPolicy, Provider } from "oidc-provider";
import { defaultResource, getResourceServerInfo, grantFor, TOKEN_SECONDS } from "./api-resource.ts";
import { accessTokenClaims, accountFinder, likeCognito } from "./claims.ts";
import { memoryStore } from "./memory-store.ts";
import { errorPage } from "./pages.ts";
import { OPENID_SCOPES, PROGRAM_CLIENTS, type UserName, WEB_CLIENT } from "./people.ts";
import type { SigningKey } from "./signing-key.ts";
import type { TokenScopes } from "./token-scopes.ts";

const SESSION_SECONDS = 8 * 60 * 60;
const LOGIN_SECONDS = 10 * 60;
/** As in stacks/identity.ts. */
const REFRESH_SECONDS = 24 * 60 * 60;

export interface ProviderOptions {
  issuer: string;
  poolId: string;
  siteUrl: string;
  /** All published keys; the first one signs. */
  keys: readonly SigningKey[];
  tokenScopes: TokenScopes;
  isClosed: (name: UserName) => boolean;
}

export function createProvider(options: ProviderOptions): Provider {
  const { issuer, poolId, siteUrl, keys, tokenScopes, isClosed } = options;
  const policy = interactionPolicy.base();
  policy.remove("consent");
  const provider = new Provider(issuer, {
    adapter: memoryStore(),
    clients: clients(siteUrl),
    jwks: { keys: [...keys] },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    scopes: [...OPENID_SCOPES],
    responseTypes: ["code"],
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post"],
    claims: { openid: ["sub", "email", "email_verified", "token_use", "cognito:username", "cognito:groups"] },
    // Cognito puts the user's attributes into the ID token itself.
    conformIdTokenClaims: false,
    findAccount: accountFinder(isClosed),
    loadExistingGrant: (ctx) => grantFor(provider, tokenScopes, ctx),
    extraTokenClaims: accessTokenClaims,
    formats: { customizers: { jwt: likeCognito } },
    // Cognito checks a challenge if one was sent, and accepts a sign-in without one: the client must insist on it.
    pkce: { required: () => false },
    // Cognito issues a refresh token without being asked for `offline_access`, and with rotation a new one at each use.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    interactions: { policy, url: (_ctx, { uid }) => `/login/${uid}` },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
    renderError: (ctx, { error_description: description }) => {
      ctx.type = "html";
      ctx.body = errorPage(description ?? "The request for a sign-in is not valid.");
    },
    routes: {
      authorization: "/oauth2/authorize",
      token: "/oauth2/token",
      revocation: "/oauth2/revoke",
      jwks: `/${poolId}/.well-known/jwks.json`,
    },
    ttl: {
      AccessToken: TOKEN_SECONDS,
      ClientCredentials: TOKEN_SECONDS,
      IdToken: TOKEN_SECONDS,
      AuthorizationCode: 60,
      RefreshToken: REFRESH_SECONDS,
      Interaction: LOGIN_SECONDS,
      Session: SESSION_SECONDS,
      // A refresh token is valid as long as its grant.
      Grant: REFRESH_SECONDS,
    },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource,
        getResourceServerInfo,
        useGrantedResource: () => true,
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
    },
  });
  return provider;
}

function clients(siteUrl: string): Configuration["clients"] {
  return [
    {
      client_id: WEB_CLIENT.id,
      // The type whose loopback addresses match on any port (RFC 8252, section 7.3).
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [
        `${siteUrl}/`,
        `${siteUrl}/callback`,
        "http://localhost/callback",
        "http://127.0.0.1/callback",
      ],
    },
    ...Object.values(PROGRAM_CLIENTS).map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      grant_types: ["client_credentials"],
      response_types: [],
      redirect_uris: [],
    })),
  ];
}
