import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** PostgreSQL's own default (`scram_iterations`). */
const ITERATIONS = 4096;
/** SASLprep (RFC 4013) leaves exactly these characters unchanged. */
const PRINTABLE_ASCII = /^[ -~]+$/;

/**
 * The verifier that PostgreSQL stores for a password (RFC 5802, RFC 7677). It replaces the password in `ALTER ROLE ...
 * PASSWORD`, because the server logs statements that are slow or fail. It contains no character that SQL would have to
 * quote. Throws when the password is not printable ASCII.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  if (!PRINTABLE_ASCII.test(password))
    throw new Error("The password is empty or contains characters outside printable ASCII.");
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, "sha256");
  const keyOf = (name: string) => createHmac("sha256", salted).update(name).digest();
  const storedKey = createHash("sha256").update(keyOf("Client Key")).digest("base64");
  const serverKey = keyOf("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}
