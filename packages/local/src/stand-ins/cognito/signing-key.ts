import { generateKeyPair, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod";

const Text = z.string().min(1);
const SigningKey = z.object({
  kty: z.literal("RSA"),
  kid: Text,
  alg: z.literal("RS256"),
  use: z.literal("sig"),
  n: Text,
  e: Text,
  d: Text,
  p: Text,
  q: Text,
  dp: Text,
  dq: Text,
  qi: Text,
});

/** An RSA key as JWK, with its private half. */
export type SigningKey = z.infer<typeof SigningKey>;

const CURRENT = "signing-key.json";
const RETIRED = "retired-key.json";

/**
 * The pool's RSA key, made at the first start and kept, so that tokens outlive a restart. Renaming its file to `retired-key.json` rotates
 * it: the next start signs with a new key, and tokens of the old one stay valid until that file is deleted.
 */
export async function signingKey(stateDirectory: string): Promise<SigningKey> {
  const path = join(stateDirectory, CURRENT);
  return (await read(path)) ?? create(path);
}

/** The previous key, as long as it is still published. */
export function retiredKey(stateDirectory: string): Promise<SigningKey | undefined> {
  return read(join(stateDirectory, RETIRED));
}

async function read(path: string): Promise<SigningKey | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  return text === undefined ? undefined : parse(text, path);
}

function parse(text: string, path: string): SigningKey {
  try {
    return SigningKey.parse(JSON.parse(text));
  } catch {
    throw new Error(`${path} holds no signing key. Delete it, and start again.`);
  }
}

async function create(path: string): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const key = SigningKey.parse({ ...jwk, kid: randomUUID(), alg: "RS256", use: "sig" });
  await mkdir(dirname(path), { recursive: true });
  // Renamed into place: a start that is killed here leaves no partial key behind.
  const draft = `${path}.new`;
  await writeFile(draft, JSON.stringify(key), { mode: 0o600 });
  await rename(draft, path);
  return key;
}
