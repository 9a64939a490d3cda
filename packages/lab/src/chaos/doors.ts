import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { join } from "node:path";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { signingKey } from "@cloud-design/local/stand-ins/cognito/signing-key";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import type { Lab } from "./lab.ts";

const strangersKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

/** A path of each process that checks tokens: 200 or 404 with an accepted token, 401 with a refused one. */
const DOORS = {
  gateway: "/api/movies?limit=1",
  inventory: "/api/movies?limit=1",
  billing: `/api/billing/orders/ord_${"a".repeat(40)}`,
};
export const DOOR_NAMES = ["gateway", "inventory", "billing"] as const;
export type Door = (typeof DOOR_NAMES)[number];

export function urlOf(lab: Lab, part: string): string {
  return readPlatform(lab.directory)?.parts[part]?.url ?? "";
}

/** The folder in which the issuer of this platform keeps its keys. */
export function identityState({ directory }: Lab): string {
  return join(stateDirectory(directory), "identity");
}

/** How a process answers a token; asserts that a refusal has the right form. */
export async function knock(
  lab: Lab,
  door: Door,
  token: string,
): Promise<"open" | "refused" | "unavailable"> {
  const response = await fetch(urlOf(lab, door) + DOORS[door], {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  if (response.status === 401 && response.headers.has("www-authenticate")) return "refused";
  if (response.status === 503 && response.headers.has("retry-after")) return "unavailable";
  assert.ok([200, 404].includes(response.status), `${door} answered ${response.status} to a token`);
  return "open";
}

/** The laboratory's token with other claims, signed by the issuer's own key. */
export async function tokenWith(lab: Lab, claims: Record<string, unknown>): Promise<string> {
  const key = await signingKey(identityState(lab));
  return signed(lab, claims, key.kid, createPrivateKey({ key, format: "jwk" }));
}

/** A token that names a key which the issuer has not published. */
export function strangersToken(lab: Lab): string {
  return signed(lab, {}, "unknown", strangersKey);
}

/** The id of the key that a token names. */
export function keyIdOf(token: string): string {
  return JSON.parse(decode(token.split(".")[0])).kid;
}

function signed({ token }: Lab, claims: Record<string, unknown>, kid: string, key: KeyObject): string {
  const all = { ...JSON.parse(decode(token.split(".")[1])), ...claims };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg: "RS256", kid })}.${encode(all)}`;
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
}

function decode(part = ""): string {
  return Buffer.from(part, "base64url").toString();
}
