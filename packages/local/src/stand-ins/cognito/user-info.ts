import type { IncomingMessage, ServerResponse } from "node:http";
import { JwtVerifier } from "aws-jwt-verify";
import { userOf } from "./people.ts";
import type { SigningKey } from "./signing-key.ts";

/**
 * The name of the user behind an access token with the scope `openid`. The provider's own endpoint refuses tokens that
 * are for an API; Cognito's accepts them.
 */
export function createUserInfo(issuer: string, keys: readonly SigningKey[]) {
  const verifier = JwtVerifier.create({ issuer, audience: null, jwksUri: `${issuer}/.well-known/jwks.json` });
  verifier.cacheJwks({ keys: keys.map(({ kty, kid, alg, use, n, e }) => ({ kty, kid, alg, use, n, e })) });
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [, token = ""] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const claims = verified(verifier, token);
    const found = claims?.scope?.split(" ").includes("openid") ? userOf(claims.sub ?? "") : undefined;
    if (!claims) refuse(response, 401, "invalid_token");
    else if (!found) refuse(response, 403, "insufficient_scope");
    else {
      const { sub, email } = found.user;
      response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify({ sub, username: found.name, email, email_verified: "true" }));
    }
  };
}

function verified(verifier: ReturnType<typeof JwtVerifier.create>, token: string) {
  try {
    return verifier.verifySync(token);
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "www-authenticate": `Bearer error="${error}"`,
  });
  response.end(JSON.stringify({ error }));
}
