import type { PersonalDataEnvironment } from "@cloud-design/functions/personal-data/env";
import { nameOf, PERSONAL_DATA } from "@cloud-design/stage/names";
import type { StageSettings } from "@cloud-design/stage/settings";
import type { SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import type { Stack } from "sst/constructs";
import { adminSecretOf, adminUrlOf, type DatabaseServer } from "./database-server.ts";
import { nodeFunction } from "./node-function.ts";

interface Place {
  server: DatabaseServer;
  vpc: Vpc;
  group: SecurityGroup;
  settings: StageSettings;
}

/**
 * The operators' function that exports and erases what the orders keep of a person. No route leads to it; IAM decides who may invoke it. It
 * signs in as the administrator, because billing may not change a recorded order. It costs nothing until it is invoked.
 */
export function personalDataFunction(stack: Stack, { server, vpc, group, settings }: Place): void {
  const secret = adminSecretOf(server);
  const operatorFunction = nodeFunction(stack, "PersonalData", {
    // A fixed name, so that `npm run ops -- person --stage NAME` finds it from a machine that has never deployed.
    functionName: nameOf(stack, PERSONAL_DATA),
    handler: "packages/functions/src/personal-data/lambda.handler",
    memorySize: 512, // room for an answer of 6 MB in all its forms
    // In seconds. A request works for two, but its last statement may take six.
    timeout: 30,
    network: { vpc, group },
    settings,
    environment: {
      BILLING_DATABASE_URL: adminUrlOf(server),
      BILLING_ADMIN_SECRET_ARN: secret.secretArn,
    } satisfies PersonalDataEnvironment,
  });
  secret.grantRead(operatorFunction);
}
