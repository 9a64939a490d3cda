import * as z from "zod";
import { startAge } from "./age.ts";
import type { Identity } from "./certificate/index.ts";
import { parseJson } from "./json.ts";

/** What connects again and again during an outage asks once in this time, and lets pass it after a rotation. */
const REUSE_SECONDS = 1;

/** RDS keeps more in its secrets: engine, host, port. */
const Credentials = z.object({ username: z.string().min(1), password: z.string().min(1) });
export type Credentials = z.output<typeof Credentials>;

const TlsIdentity: z.ZodType<Identity> = z.object({ key: z.string().min(1), cert: z.string().min(1) });

/** Asked at each connect, so that a rotation needs no restart. */
export type CredentialsProvider = () => Promise<Credentials>;

interface Reading {
  value: Promise<string>;
  /** Undefined while it is being read. */
  age?: () => number;
}

const readings = new Map<string, Reading>();
let client: ReturnType<typeof openClient> | undefined;

/**
 * The secret's text, at most a second old. While it cannot be read: the last that could, which most likely still opens what it opened. If it
 * does not, whoever refuses it says so. Throws one sentence that names the secret, never its value.
 */
export function readSecret(arn: string): Promise<string> {
  const last = readings.get(arn);
  if (last && (last.age?.() ?? 0) < REUSE_SECONDS * 1_000) return last.value;
  const value = fetchSecret(arn).catch((error: unknown) => {
    const fail = () => Promise.reject(error);
    return last ? last.value.catch(fail) : fail();
  });
  // As long as it takes, it serves everybody who asks meanwhile.
  const reading: Reading = { value };
  readings.set(arn, reading);
  const settle = () => {
    reading.age = startAge();
  };
  value.then(settle, settle);
  return value;
}

/** A secret that is a JSON object with `username` and `password`. */
export async function readCredentials(arn: string): Promise<Credentials> {
  const parsed = Credentials.safeParse(parseJson(await readSecret(arn)));
  if (parsed.success) return parsed.data;
  throw new Error(`The secret ${arn} is no JSON object with username and password.`);
}

/** The credentials behind an ARN; nothing without one, because then a URL carries its own. */
export function credentialsFrom(arn: string | undefined): CredentialsProvider | undefined {
  return arn === undefined ? undefined : () => readCredentials(arn);
}

/** The certificate and the key behind an ARN; nothing without one, because then nothing is encrypted. */
export function identityFrom(arn: string | undefined): (() => Promise<Identity>) | undefined {
  return arn === undefined ? undefined : () => readIdentity(arn);
}

async function readIdentity(arn: string): Promise<Identity> {
  const parsed = TlsIdentity.safeParse(parseJson(await readSecret(arn)));
  if (parsed.success) return parsed.data;
  throw new Error(`The secret ${arn} is no JSON object with key and cert.`);
}

async function fetchSecret(arn: string): Promise<string> {
  client ??= openClient();
  const { getSecretValue } = await client;
  const { SecretString } = await getSecretValue(arn).catch((cause: Error) => {
    const reason = (cause.message || cause.name).replace(/\.$/, "");
    throw new Error(`The secret ${arn} cannot be read: ${reason}.`, { cause });
  });
  if (!SecretString) throw new Error(`The secret ${arn} has no text.`);
  return SecretString;
}

/** Loads the SDK with the first secret: a laptop has none, and would spend 25 MB of memory on it in each service. */
async function openClient() {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const sdk = new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  return { getSecretValue: (arn: string) => sdk.send(new GetSecretValueCommand({ SecretId: arn })) };
}
