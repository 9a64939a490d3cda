import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Refusal } from "./refusal.ts";

export interface AwsAccess {
  region: string;
  profile?: string | undefined;
}

/** Two tries of at most 8 s: a laptop without a network fails within seconds, and a slow network still gets through. */
const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

const UNREACHABLE = [
  "EAI_AGAIN",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ETIMEDOUT",
  "TimeoutError",
];
const EXPIRED = ["ExpiredToken", "ExpiredTokenException", "RequestExpired"];
const UNKNOWN = [
  "AuthFailure",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
];
const DENIED = ["AccessDenied", "AccessDeniedException", "ForbiddenException", "UnauthorizedException"];
/** The SDK reports an expired single sign-on only by its message. */
const SIGN_IN_AGAIN = /expired|re-authenticate|aws sso login|aws login/i;

/** The settings by which a client of the SDK uses the same account as SST. */
export function clientSettings({ region, profile }: AwsAccess) {
  const hasKeys = process.env.AWS_ACCESS_KEY_ID && process.env.AWS_SECRET_ACCESS_KEY;
  return { ...PATIENCE, region, ...(profile && !hasKeys && { profile }) }; // as in SST, keys take precedence over a profile
}

export interface Caller {
  account: string;
  arn: string;
}

/** The caller of the credentials. Undefined when they ask for a one-time code: the code works once, and SST will ask for it. */
export async function identify(access: AwsAccess): Promise<Caller | undefined> {
  try {
    const { Account: account = "", Arn: arn = "" } = await identityOf(access);
    return { account, arn };
  } catch (error) {
    if (String(error).includes("multi-factor authentication")) return undefined;
    throw explained(error, access);
  }
}

/** The caller's ARN. */
export async function callerOf(access: AwsAccess): Promise<string> {
  const { Arn = "" } = await identityOf(access).catch((error: unknown) => {
    throw explained(error, access);
  });
  return Arn;
}

function identityOf(access: AwsAccess) {
  return new STSClient(clientSettings(access)).send(new GetCallerIdentityCommand({}));
}

/** A Refusal with one sentence for an error of AWS, or of the way to AWS. */
export function explained(
  error: unknown,
  { profile = process.env.AWS_PROFILE }: Partial<AwsAccess>,
): Refusal {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const said = message.split("\n", 1).join().replace(/\.$/, "");
  if (UNREACHABLE.some((reason) => reason === name || reason === codeOf(error))) {
    return new Refusal(
      `AWS cannot be reached (${said || codeOf(error)}): check network, proxy and VPN, then try again.`,
    );
  }
  if (EXPIRED.includes(name) || SIGN_IN_AGAIN.test(message)) {
    const command = profile ? `aws sso login --profile ${profile}` : "aws sso login";
    return new Refusal(
      `The AWS credentials have expired: get new ones (with a single sign-on: \`${command}\`), then try again.`,
    );
  }
  if (said.startsWith("Could not load credentials")) {
    const where = profile ? ` in the profile ${profile}` : "";
    return new Refusal(
      `There are no AWS credentials${where}: sign in with \`aws configure sso\`, and name its profile with --profile or AWS_PROFILE (docs/deploy.md).`,
    );
  }
  if (name === "CredentialsProviderError" || name === "TokenProviderError") {
    return new Refusal(
      `The AWS credentials cannot be read: ${said}. Correct the profile, or name another with --profile or AWS_PROFILE.`,
    );
  }
  if (UNKNOWN.includes(name)) {
    return new Refusal(
      `AWS refuses the credentials (${name}): check that key and secret are complete and still active.`,
    );
  }
  if (DENIED.includes(name)) {
    return new Refusal(
      `The AWS credentials are not allowed to do this: ${said}. Take a role that may deploy (docs/deploy.md).`,
    );
  }
  return new Refusal(`AWS answered with ${name}: ${said}.`);
}

/** Whether AWS knows the caller and denies the action. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && DENIED.includes(error.name);
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
