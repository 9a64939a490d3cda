import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Refusal } from "./refusal.ts";

export interface AwsAccess {
  region: string;
  profile?: string | undefined;
}

/** Two tries of at most 8 s: a laptop without network knows within seconds, a slow hotel still gets through. */
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
/** How the SDK speaks of a sign-in that has ended: by its message alone. */
const SIGN_IN_AGAIN = /expired|re-authenticate|aws sso login|aws login/i;

/** What a client of the SDK needs to see the account that SST will see. */
export function clientSettings({ region, profile }: AwsAccess) {
  const hasKeys = process.env.AWS_ACCESS_KEY_ID && process.env.AWS_SECRET_ACCESS_KEY;
  return { ...PATIENCE, region, ...(profile && !hasKeys && { profile }) }; // to SST too, keys go before a profile
}

export interface Caller {
  account: string;
  arn: string;
}

/** Whom the credentials stand for. Nothing when they ask a person for a code, which SST will do once, and we must not. */
export async function identify(access: AwsAccess): Promise<Caller | undefined> {
  try {
    const { Account: account = "", Arn: arn = "" } = await identityOf(access);
    return { account, arn };
  } catch (error) {
    if (String(error).includes("multi-factor authentication")) return undefined;
    throw explained(error, access);
  }
}

/** The ARN of whoever the credentials stand for. */
export async function callerOf(access: AwsAccess): Promise<string> {
  const { Arn = "" } = await identityOf(access).catch((error: unknown) => {
    throw explained(error, access);
  });
  return Arn;
}

function identityOf(access: AwsAccess) {
  return new STSClient(clientSettings(access)).send(new GetCallerIdentityCommand({}));
}

/** One sentence for what AWS, or the way there, has refused. */
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
      `The AWS credentials cannot be read: ${said}. Mend the profile, or name another with --profile or AWS_PROFILE.`,
    );
  }
  if (UNKNOWN.includes(name)) {
    return new Refusal(
      `AWS refuses the credentials (${name}): check that key and secret are whole and still active.`,
    );
  }
  if (DENIED.includes(name)) {
    return new Refusal(
      `The AWS credentials are not allowed to do this: ${said}. Take a role that may deploy (docs/deploy.md).`,
    );
  }
  return new Refusal(`AWS answered with ${name}: ${said}.`);
}

/** Whether AWS knows the caller and does not let them. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && DENIED.includes(error.name);
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
