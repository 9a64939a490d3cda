import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";

const USERS = ["reader", "ordinary", "premium", "admin", "machine"] as const;
/** A token lasts 15 minutes, and all tests together take longer: each test file begins with tokens of at most this age. */
const RENEWAL_MS = 4 * 60_000;

export type PlatformTokens = Record<(typeof USERS)[number], string> & {
  /** An ID token of the ordinary user, which opens nothing. */
  idToken: string;
};

/** Writes tokens beside the platform's description, and renews them until this is disposed of. */
export async function keepTokens(directory: string, identityUrl: string): Promise<Disposable> {
  await writeTokens(directory, identityUrl);
  // A test may have stopped the issuer just then: the next renewal is soon enough.
  const renew = () => void writeTokens(directory, identityUrl).catch(() => {});
  const timer = setInterval(renew, RENEWAL_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

export function readTokens(directory: string): PlatformTokens {
  return JSON.parse(readFileSync(pathIn(directory), "utf8"));
}

async function writeTokens(directory: string, identityUrl: string): Promise<void> {
  const tokens = await Promise.all(
    USERS.map(async (user) => [user, (await accessToken({ identityUrl, user })).accessToken] as const),
  );
  const { idToken } = await accessToken({ identityUrl, user: "ordinary", scope: "openid movies.read" });
  const draft = `${pathIn(directory)}.draft`;
  writeFileSync(draft, JSON.stringify({ ...Object.fromEntries(tokens), idToken }), { mode: 0o600 });
  renameSync(draft, pathIn(directory));
}

function pathIn(directory: string): string {
  return join(directory, "tokens.json");
}
