import {
  constants,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import type { RefusalReason } from "../identity/refusal.ts";
import { selfSignedCertificate } from "./certificate.ts";

export interface ForgedFrom {
  /**
   * The pool's own RSA key: many forgeries are signed by the pool itself, so that only their one flaw can be the reason
   * for the refusal.
   */
  poolKey: KeyObject;
  kid: string;
  /** The claims of a valid access token. */
  claims: Readonly<Record<string, unknown>>;
  /** The address in every field of a token that can name one. The verifier must never call it. */
  trapUrl: string;
}

type Claims = Record<string, unknown>;
type Tokens = Record<string, string>;

const strangersKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const ellipticKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const edwardsKey = generateKeyPairSync("ed25519").privateKey;

/** Tokens that must be refused, by the reason of the refusal and by what is wrong with each. */
export function forgedTokens(from: ForgedFrom): Record<RefusalReason, Tokens> {
  const { poolKey, kid, claims } = from;
  /** Signed by the pool itself. */
  const pool: Signer = (payload, header = {}) => signed({ alg: "RS256", kid, ...header }, payload, poolKey);
  const good = pool(claims);
  return {
    malformed: { ...malformed(good), ...withParts(from, pool) },
    algorithm: algorithms(from, good),
    signature: signatures(from, good),
    "unknown key": keys(from),
    ...lifetimes(claims, pool),
    ...audiences(from, pool),
  };
}

type Signer = (payload: Claims | string, header?: object) => string;

/** The library's regular expression accepts some of them; those are not JSON, or JSON of another kind. */
function malformed(good: string): Tokens {
  const [head, payload, signature] = good.split(".");
  const json = (value: unknown) => encode(JSON.stringify(value));
  return {
    "is not a token": "abc",
    "has two parts": `${head}.${payload}`,
    "has four parts": `${good}.${signature}`,
    "has five parts, as an encrypted one": `${head}.${payload}.${signature}.${payload}.${head}`,
    "has empty parts": "..",
    "comes twice": `${good},${good}`,
    "is repeated with its scheme": `${good}, Bearer ${good}`,
    "contains a space": `${head} .${payload}.${signature}`,
    "has a percent-encoded dot": `${head}%2E${payload}.${signature}`,
    "has a header that is not JSON": `${encode("{")}.${payload}.${signature}`,
    "has a header that is a list": `${json([])}.${payload}.${signature}`,
    "has a header that is null": `${json(null)}.${payload}.${signature}`,
    "has claims that are not JSON": `${head}.${encode("alg")}.${signature}`,
    "has claims that are a list": `${head}.${json([{}])}.${signature}`,
    "has claims that are null": `${head}.${json(null)}.${signature}`,
    "lacks its signature": `${head}.${payload}.`,
    ...Object.fromEntries(
      ["none", "None", "NONE", "nOnE"].map((alg) => [
        `says that it is not signed: ${alg}`,
        `${json({ alg })}.${payload}.`,
      ]),
    ),
  };
}

/** Header and claims of the wrong kind, signed by the pool itself. */
function withParts({ claims }: ForgedFrom, pool: Signer): Tokens {
  const tokens: Tokens = {
    "requires an extension": pool(claims, { crit: ["exp"], exp: claims.exp }),
    "requires an unencoded payload": pool(claims, { crit: ["b64"], b64: false }),
    "has an empty list of required extensions": pool(claims, { crit: [] }),
    "has an expiry beyond all dates": pool({ ...claims, exp: -1e300 }),
    "has an infinite expiry": pool(infinite("exp")),
    "has an expiry of minus infinity": pool(infinite("exp", "-1e400")),
    "has an infinite beginning": pool(infinite("nbf")),
    "has an infinite time of issue": pool(infinite("iat")),
  };
  for (const alg of [256, null, ["RS256"]])
    tokens[`has the algorithm ${JSON.stringify(alg)}`] = pool(claims, { alg });
  for (const id of [1, null, ["a"], { a: 1 }])
    tokens[`has the key id ${JSON.stringify(id)}`] = pool(claims, { kid: id });
  for (const claim of ["exp", "nbf", "iat"])
    for (const time of [String(claims.exp), null, [claims.exp], true, {}])
      tokens[`has the ${claim} ${JSON.stringify(time)}`] = pool({ ...claims, [claim]: time });
  for (const claim of ["iss", "sub", "scope"])
    for (const value of [1, null, [claims[claim]], {}])
      tokens[`has the ${claim} ${JSON.stringify(value)}`] = pool({ ...claims, [claim]: value });
  return tokens;

  function infinite(claim: string, number = "1e400"): string {
    return JSON.stringify({ ...claims, [claim]: "?" }).replace('"?"', number);
  }
}

/** Each names the pool's key, which is only for RS256. */
function algorithms({ poolKey, kid, claims }: ForgedFrom, good: string): Tokens {
  const [, payload, signature] = good.split(".");
  const publicKey = createPublicKey(poolKey);
  const secrets = {
    PEM: publicKey.export({ type: "spki", format: "pem" }),
    "PEM without a line's end": publicKey.export({ type: "spki", format: "pem" }).toString().trim(),
    "PKCS 1": publicKey.export({ type: "pkcs1", format: "pem" }),
    DER: publicKey.export({ type: "spki", format: "der" }),
    modulus: publicKey.export({ format: "jwk" }).n ?? "",
    nothing: "",
  };
  const tokens: Tokens = {};
  for (const [form, secret] of Object.entries(secrets)) {
    for (const bits of [256, 384, 512]) {
      const text = signingInput({ alg: `HS${bits}`, kid }, claims);
      const mac = createHmac(`sha${bits}`, secret).update(text).digest("base64url");
      tokens[`is HS${bits} with the public key as its secret: ${form}`] = `${text}.${mac}`;
    }
  }
  for (const alg of [
    "none",
    "None",
    "NONE",
    "nOnE",
    "",
    "rs256",
    "RS256 ",
    "RS256\0",
    "SHA256",
    "dir",
    "RSA-OAEP",
  ])
    tokens[`says that it is ${JSON.stringify(alg)}, and is signed`] =
      `${encode(JSON.stringify({ alg, kid }))}.${payload}.${signature}`;
  tokens["does not say how it is signed"] = `${encode(JSON.stringify({ kid }))}.${payload}.${signature}`;
  for (const alg of ["RS384", "RS512", "PS256", "PS384", "PS512"])
    tokens[`is ${alg}, by the pool's own key`] = signed({ alg, kid }, claims, poolKey);
  for (const alg of ["ES256", "ES384", "ES512"])
    tokens[`is ${alg}`] = signed({ alg, kid }, claims, ellipticKey);
  tokens["is EdDSA"] = signed({ alg: "EdDSA", kid }, claims, edwardsKey);
  return tokens;
}

/** Each says RS256 and names the pool's key. */
function signatures({ poolKey, kid, claims, trapUrl }: ForgedFrom, good: string): Tokens {
  const header = { alg: "RS256", kid };
  const [head, payload, signature = ""] = good.split(".");
  const other = signed(header, { ...claims, sub: "somebody" }, poolKey).split(".")[2];
  const more = encode(JSON.stringify({ ...claims, scope: "movies.admin", "cognito:groups": ["admin"] }));
  const flipped = signature.startsWith("A") ? "B" : "A";
  return {
    "had scopes added after signing": `${head}.${more}.${signature}`,
    "had its header changed after signing": `${encode(JSON.stringify({ ...header, typ: "JWT" }))}.${payload}.${signature}`,
    "was marked as unencoded after signing": `${encode(JSON.stringify({ ...header, b64: false }))}.${payload}.${signature}`,
    "has a signature with another first character": `${head}.${payload}.${flipped}${signature.slice(1)}`,
    "has a truncated signature": `${head}.${payload}.${signature.slice(0, -4)}`,
    "has a signature with extra bytes": `${head}.${payload}.${signature}AAAA`,
    "has a signature of one byte": `${head}.${payload}.AA`,
    "has a signature of zeros": `${head}.${payload}.${"A".repeat(signature.length)}`,
    "has the signature of another token": `${head}.${payload}.${other}`,
    "is signed with a foreign key": signed(header, claims, strangersKey),
    ...ownKeys(
      trapUrl,
      (injected) => signed({ ...header, ...injected }, claims, strangersKey),
      "and names the pool's key",
    ),
  };
}

/** Each is signed by a foreign key, or names a key that the pool does not have. */
function keys({ poolKey, claims, trapUrl }: ForgedFrom): Tokens {
  const byId = (kid: unknown, key = poolKey) =>
    signed({ alg: "RS256", ...(kid === undefined ? {} : { kid }) }, claims, key);
  const ids = {
    nobody: "unknown",
    "a path": "../../../../../../dev/null",
    "an absolute path": "/dev/null",
    SQL: "' UNION SELECT 'secret' -- ",
    "a command": "$(id); `id`",
    "an address": trapUrl,
    "a prototype": "__proto__",
    "a constructor": "constructor",
    "a line": 'x"\r\n{"level":"error","message":"forged"}',
    NUL: "\0",
    nothing: "",
    "very much": "k".repeat(4_000),
  };
  return {
    ...Object.fromEntries(Object.entries(ids).map(([what, id]) => [`names as its key ${what}`, byId(id)])),
    "names no key": byId(undefined),
    "names no key, and is signed with a foreign key": byId(undefined, strangersKey),
    ...ownKeys(
      trapUrl,
      (injected) => signed({ alg: "RS256", kid: "own", ...injected }, claims, strangersKey),
      "under a new name",
    ),
    ...ownKeys(
      trapUrl,
      (injected) => signed({ alg: "RS256", ...injected }, claims, strangersKey),
      "without a name",
    ),
  };
}

/** A token that contains the key it asks to be checked with. */
function ownKeys(trapUrl: string, token: (injected: object) => string, how: string): Tokens {
  const jwk = {
    ...createPublicKey(strangersKey).export({ format: "jwk" }),
    use: "sig",
    alg: "RS256",
    kid: "own",
  };
  const certificate = selfSignedCertificate("localhost").cert.replaceAll(/-----.*-----|\n/g, "");
  return Object.fromEntries(
    Object.entries({
      jku: `${trapUrl}/jwks.json`,
      x5u: `${trapUrl}/chain.pem`,
      jwk,
      x5c: [certificate],
    }).map(([name, value]) => [`brings its own key as ${name}, ${how}`, token({ [name]: value })]),
  );
}

function lifetimes(claims: Claims, pool: Signer) {
  const now = Math.floor(Date.now() / 1_000);
  return {
    expired: {
      "has expired": pool({ ...claims, exp: now - 60 }),
      "expired a second ago": pool({ ...claims, exp: now - 1 }),
      "expires now": pool({ ...claims, exp: now }),
      "ended in 1970": pool({ ...claims, exp: 0 }),
      "ended before 1970": pool({ ...claims, exp: -1 }),
    },
    "not valid yet": {
      "begins in an hour": pool({ ...claims, nbf: now + 3_600 }),
      "begins in the far future": pool({ ...claims, nbf: 1e11 }),
    },
    incomplete: {
      "never ends": pool({ ...claims, exp: undefined }),
      "has no subject": pool({ ...claims, sub: undefined }),
      "has an empty subject": pool({ ...claims, sub: "" }),
    },
  };
}

/** Valid tokens for another audience or another purpose. */
function audiences({ claims, trapUrl }: ForgedFrom, pool: Signer) {
  const issuer = String(claims.iss);
  const issuers = [
    ...[
      undefined,
      "",
      issuer.replace(/_\w+$/, "_Other"),
      issuer.replace(/cognito-idp\.[\w-]+/, "cognito-idp.us-east-1"),
    ],
    ...[
      `${issuer}/`,
      `${issuer}2`,
      issuer.slice(0, -1),
      issuer.toUpperCase(),
      issuer.replace("https", "http"),
    ],
    ...[trapUrl, `${trapUrl}/${issuer}`, `${issuer}@${new URL(trapUrl).host}`],
  ];
  const clients = [
    undefined,
    null,
    "",
    "somebody-else",
    "web2",
    "WEB",
    "web,machine",
    "web machine",
    ["web"],
    1,
    {},
  ];
  const uses = [undefined, null, "", "id", "ACCESS", "refresh", "access id", ["access"], true];
  const each = (claim: string, values: readonly unknown[]): Tokens =>
    Object.fromEntries(
      values.map((value) => [
        `has the ${claim} ${JSON.stringify(value)}`,
        pool({ ...claims, [claim]: value }),
      ]),
    );
  return {
    issuer: each("iss", issuers),
    client: each("client_id", clients),
    "token use": each("token_use", uses),
  };
}

/** Signs with the algorithm in the header's `alg`. */
export function signed(header: { alg: unknown } & Claims, claims: Claims | string, key: KeyObject): string {
  const text = signingInput(header, claims);
  const alg = String(header.alg);
  const options = alg.startsWith("PS")
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key, dsaEncoding: "ieee-p1363" as const };
  const hash = alg === "EdDSA" ? null : `sha${/\d{3}/.exec(alg)?.[0] ?? "256"}`;
  return `${text}.${sign(hash, Buffer.from(text), options).toString("base64url")}`;
}

function signingInput(header: object, claims: Claims | string): string {
  const payload = typeof claims === "string" ? claims : JSON.stringify(claims);
  return `${encode(JSON.stringify(header))}.${encode(payload)}`;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}
