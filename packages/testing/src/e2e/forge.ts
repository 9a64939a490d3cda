import { createPrivateKey } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { SCOPES } from "@cloud-design/core/identity";
import { forgedTokens, signed } from "@cloud-design/core/testing/forged-tokens";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { signingKey } from "@cloud-design/local/stand-ins/cognito/signing-key";
import { listen } from "@cloud-design/local/stand-ins/stand-in";
import { inject } from "vitest";
import { tokens } from "./tokens.ts";

const pool = await signingKey(join(stateDirectory(inject("local")), "identity"));
const poolKey = createPrivateKey({ key: pool, format: "jwk" });
const [, encodedClaims = ""] = tokens.ordinary.split(".");
const claims = {
  ...JSON.parse(Buffer.from(encodedClaims, "base64url").toString()),
  // Longer than any run of the tests: no forgery may be refused only for its age.
  exp: Math.floor(Date.now() / 1_000) + 3_600,
};

/** An ordinary user's access token with other claims, signed by the pool itself, although the issuer would never write them. */
export function tokenWith(others: Record<string, unknown>): string {
  return signed({ alg: "RS256", kid: pool.kid }, { ...claims, ...others }, poolKey);
}

/** A server that the platform must never call. */
export const trap = { url: "", calls: 0 };
const server = createServer((_request, response) => response.end()).on("connection", () => trap.calls++);
trap.url = `http://127.0.0.1:${await listen(server.unref(), 0)}`;

const EVERY_SCOPE = { scope: SCOPES.join(" ") };

/** The valid token from which the forgeries are made. */
export const WHOLE_TOKEN = tokenWith(EVERY_SCOPE);

/** Tokens that claim every right and open nothing, by the reason of the refusal and by the flaw. */
export const FORGED_TOKENS = forgedTokens({
  poolKey,
  kid: pool.kid,
  claims: { ...claims, ...EVERY_SCOPE },
  trapUrl: trap.url,
});
