import * as z from "zod";
import { startAge } from "./age.ts";
import { type AwsCall, openAws } from "./aws.ts";
import type { Identity } from "./certificate/index.ts";
import { parseJson } from "./json.ts";

/** A service that reconnects in a loop reads the secret at most once in this time, which is short enough to follow a rotation. */
const REUSE_SECONDS = 1;

/** Secrets of RDS have further fields: engine, host, port. */
const Credentials = z.object({ username: z.string().min(1), password: z.string().min(1) });
export type Credentials = z.output<typeof Credentials>;

/** The part of an answer that is used here. */
const Secret = z.object({ SecretString: z.string() }).transform(({ SecretString }) => SecretString);

const TlsIdentity: z.ZodType<Identity> = z.object({ key: z.string().min(1), cert: z.string().min(1) });

/** Asked at each connect, so that a rotation needs no restart. */
export type CredentialsProvider = () => Promise<Credentials>;

interface Reading {
  value: Promise<string>;
  /** Undefined while the secret is being read. */
  age?: () => number;
}

const readings = new Map<string, Reading>();
let secretsManager: AwsCall | undefined;

/**
 * The text of a secret, at most a second old. While the secret cannot be read, this is the last known value, which most
 * likely is still valid; if not, the server refuses it. Throws one sentence that names the secret and never its value.
 */
export function readSecret(arn: string): Promise<string> {
  const last = readings.get(arn);
  if (last && (last.age?.() ?? 0) < REUSE_SECONDS * 1_000) return last.value;
  const value = fetchSecret(arn).catch((error: unknown) => {
    const fail = () => Promise.reject(error);
    return last ? last.value.catch(fail) : fail();
  });
  // While the reading runs, all other callers share it.
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
  throw new Error(`The secret ${arn} is not a JSON object with username and password.`);
}

/** The credentials behind an ARN; undefined without an ARN, because then the URL contains its own. */
export function credentialsFrom(arn: string | undefined): CredentialsProvider | undefined {
  return arn === undefined ? undefined : () => readCredentials(arn);
}

/** The certificate and the key behind an ARN; undefined without an ARN, because then nothing is encrypted. */
export function identityFrom(arn: string | undefined): (() => Promise<Identity>) | undefined {
  return arn === undefined ? undefined : () => readIdentity(arn);
}

async function readIdentity(arn: string): Promise<Identity> {
  const parsed = TlsIdentity.safeParse(parseJson(await readSecret(arn)));
  if (parsed.success) return parsed.data;
  throw new Error(`The secret ${arn} is not a JSON object with key and cert.`);
}

async function fetchSecret(arn: string): Promise<string> {
  secretsManager ??= openSecretsManager();
  const answer = await secretsManager("GetSecretValue", { SecretId: arn }).catch((cause: Error) => {
    const reason = (cause.message || cause.name).replace(/\.$/, "");
    throw new Error(`The secret ${arn} cannot be read: ${reason}.`, { cause });
  });
  const { data: text } = Secret.safeParse(answer);
  if (!text) throw new Error(`The secret ${arn} has no text.`);
  return text;
}

function openSecretsManager(): AwsCall {
  return openAws({
    id: "SECRETS_MANAGER",
    signingName: "secretsmanager",
    target: "secretsmanager",
    version: "1.1",
    url: `https://secretsmanager.${process.env.AWS_REGION}.amazonaws.com`,
  });
}
