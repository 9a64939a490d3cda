import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { join } from "node:path";
import { inject } from "vitest";
import { signingKey } from "../identity/signing-key.ts";
import { stateDirectory } from "../servers/state-directory.ts";

const pool = await signingKey(join(stateDirectory(inject("local")), "identity"));
const poolKey = createPrivateKey({ key: pool, format: "jwk" });
const foreignKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const HEADER = { alg: "RS256", kid: pool.kid };
const [, ordinaryClaims = ""] = inject("tokens").ordinary.split(".");

/** An ordinary user's access token with other claims, signed by the pool itself: what the issuer would never write. */
export function tokenWith(
  claims: Record<string, unknown>,
  header: object = HEADER,
  key: KeyObject = poolKey,
): string {
  const all = { ...JSON.parse(Buffer.from(ordinaryClaims, "base64url").toString()), ...claims };
  const signed = `${encode(header)}.${encode(all)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

const now = Math.floor(Date.now() / 1_000);
const [head, claims, signature] = inject("tokens").ordinary.split(".");
const secretOfPublicKey = createPublicKey(poolKey).export({ type: "spki", format: "pem" });
const hmacSigned = `${encode({ ...HEADER, alg: "HS256" })}.${claims}`;

/** Tokens that open nothing, by what is wrong with them. */
export const WORTHLESS_TOKENS: Record<string, string> = {
  "is no token": "abc",
  "is an ID token": inject("idToken"),
  "says that it is an ID token": tokenWith({ token_use: "id" }),
  "does not say what it is for": tokenWith({ token_use: undefined }),
  "has expired": tokenWith({ iat: now - 7_200, exp: now - 60 }),
  "is of another pool": tokenWith({ iss: "https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_Other" }),
  "is for another client": tokenWith({ client_id: "somebody-else" }),
  "is signed by somebody else": tokenWith({}, HEADER, foreignKey),
  "is signed with a key that nobody knows": tokenWith({}, { ...HEADER, kid: "unknown" }, foreignKey),
  "was given more scopes afterwards": `${head}.${encode({ ...JSON.parse(Buffer.from(ordinaryClaims, "base64url").toString()), scope: "movies.admin" })}.${signature}`,
  "lacks its signature": `${head}.${claims}.`,
  "declares that it is not signed": `${encode({ alg: "none" })}.${claims}.`,
  "is signed with the public key as a shared secret": `${hmacSigned}.${createHmac("sha256", secretOfPublicKey).update(hmacSigned).digest("base64url")}`,
};
