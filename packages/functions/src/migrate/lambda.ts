import { startAge } from "@cloud-design/core/age";
import { AwsError } from "@cloud-design/core/aws";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { migrate } from "@cloud-design/core/migrate";
import { retryInPlace } from "@cloud-design/core/retry";
import { readCredentials } from "@cloud-design/core/secrets";
import { trustRds } from "@cloud-design/core/trust-rds";
import { MigrateEnvironment } from "./env.ts";

const environment = parseEnvironment(MigrateEnvironment);
const log = createLog("migrate");
trustRds();
/** A NAT instance that this deployment has replaced lets the function out after a minute or two. */
const REACHED_SECONDS = 240;

const STORES = [
  {
    noun: "inventory",
    url: environment.INVENTORY_DATABASE_URL,
    adminSecretArn: environment.INVENTORY_ADMIN_SECRET_ARN,
    serviceSecretArn: environment.INVENTORY_SERVICE_SECRET_ARN,
  },
  {
    noun: "billing",
    url: environment.BILLING_DATABASE_URL,
    adminSecretArn: environment.BILLING_ADMIN_SECRET_ARN,
    serviceSecretArn: environment.BILLING_SERVICE_SECRET_ARN,
  },
] as const;

/**
 * Runs with each deployment. Throws when anything fails, so that the deployment rolls back. It can be repeated, and run
 * twice at the same time.
 */
export async function handler(): Promise<void> {
  for (const { noun, url, adminSecretArn, serviceSecretArn } of STORES) {
    const [admin, service] = await onceReached(() =>
      Promise.all([readCredentials(adminSecretArn), readCredentials(serviceSecretArn)]),
    );
    const adminUrl = new URL(url);
    adminUrl.username = encodeURIComponent(admin.username);
    adminUrl.password = encodeURIComponent(admin.password);
    const unknown = await migrate(noun, { adminUrl: adminUrl.href, servicePassword: service.password }).catch(
      (cause) => {
        throw new Error(`The tables of ${noun} could not be made: ${reasonOf(cause)}.`, { cause });
      },
    );
    if (unknown > 0) log.warn({ noun }, "the tables are of a later version");
    else log.info({ noun }, "the tables are up to date");
  }
}

/** Repeats what AWS does not answer; what it refuses, and a secret of another form, fail at once. */
function onceReached<T>(ask: () => Promise<T>): Promise<T> {
  const age = startAge();
  return retryInPlace(ask, {
    isTransient: (error) => {
      const { cause } = Object(error);
      const isAnswered = cause === undefined || (cause instanceof AwsError && cause.status < 500);
      return !isAnswered && age() < REACHED_SECONDS * 1_000;
    },
    signal: AbortSignal.timeout(2 * REACHED_SECONDS * 1_000),
  });
}

/** The innermost error's message: the outer ones repeat the statement. */
function reasonOf(error: Error & { code?: string }): string {
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message || error.code || error.name;
}
