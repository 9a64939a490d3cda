import type { MigrateEnvironment } from "@cloud-design/functions/migrate/env";
import type { StageSettings } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import type { SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Trigger } from "aws-cdk-lib/triggers";
import type { Stack } from "sst/constructs";
import { adminSecretOf, adminUrlOf, type DatabaseServer, type Noun } from "./database-server.ts";
import { nodeFunction } from "./node-function.ts";

const SOURCE = "packages/core/src";
const FOLDER = "packages/functions/src/migrate";
const TIMEOUT_MINUTES = 10;

interface Migrations {
  servers: Record<Noun, DatabaseServer>;
  credentials: Record<Noun, Secret>;
  vpc: Vpc;
  group: SecurityGroup;
  settings: StageSettings;
}

/**
 * Runs the same SQL as the laptop, directly on the instances, whenever the SQL or its function changes. A failed migration rolls the deployment
 * back; each migration runs in a transaction of its own, so it applies wholly or not at all.
 */
export function migrateOnDeploy(
  stack: Stack,
  { servers, credentials, vpc, group, settings }: Migrations,
): void {
  const administrators = {
    inventory: adminSecretOf(servers.inventory),
    billing: adminSecretOf(servers.billing),
  };
  const handler = nodeFunction(stack, "Migrate", {
    handler: `${FOLDER}/lambda.handler`,
    memorySize: 512,
    timeout: TIMEOUT_MINUTES * 60,
    network: { vpc, group },
    settings,
    copyFiles: (["inventory", "billing"] as const).map((noun) => ({
      from: `${SOURCE}/${noun}/migrations`,
      to: `${FOLDER}/${noun}/migrations`,
    })),
    environment: {
      INVENTORY_DATABASE_URL: adminUrlOf(servers.inventory),
      BILLING_DATABASE_URL: adminUrlOf(servers.billing),
      INVENTORY_ADMIN_SECRET_ARN: administrators.inventory.secretArn,
      BILLING_ADMIN_SECRET_ARN: administrators.billing.secretArn,
      INVENTORY_SERVICE_SECRET_ARN: credentials.inventory.secretArn,
      BILLING_SERVICE_SECRET_ARN: credentials.billing.secretArn,
    } satisfies MigrateEnvironment,
  });
  for (const secret of [...Object.values(administrators), ...Object.values(credentials)])
    secret.grantRead(handler);
  new Trigger(stack, "MigrateOnDeploy", {
    handler,
    timeout: Duration.minutes(TIMEOUT_MINUTES),
    executeAfter: Object.values(servers).map(({ instance }) => instance),
  });
}
