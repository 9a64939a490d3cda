import { BillingEnvironment } from "@cloud-design/containers/billing/env";
import { InventoryEnvironment } from "@cloud-design/containers/inventory/env";
import { CertificateEnvironment } from "@cloud-design/functions/certificate/env";
import { DeadLettersEnvironment } from "@cloud-design/functions/dead-letters/env";
import { GatewayEnvironment } from "@cloud-design/functions/gateway/env";
import { ImportLoaderEnvironment } from "@cloud-design/functions/import-loader/env";
import { ImportSplitterEnvironment } from "@cloud-design/functions/import-splitter/env";
import { MigrateEnvironment } from "@cloud-design/functions/migrate/env";
import { OrderBridgeEnvironment } from "@cloud-design/functions/order-bridge/env";
import { PersonalDataEnvironment } from "@cloud-design/functions/personal-data/env";
import { SleeperEnvironment } from "@cloud-design/functions/sleeper/env";
import { StatusProbeEnvironment } from "@cloud-design/functions/status-probe/env";
import { WebhookDeliveryEnvironment } from "@cloud-design/functions/webhook-delivery/env";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { fillReferences } from "../fill-references.ts";
import { compareSets } from "./compare.ts";

/** The schema that each process parses its environment with at start: values that pass here pass there. */
const SCHEMAS: Record<string, z.ZodObject> = {
  "packages/functions/src/gateway/lambda.handler": GatewayEnvironment,
  "packages/functions/src/order-bridge/lambda.handler": OrderBridgeEnvironment,
  "packages/functions/src/certificate/lambda.handler": CertificateEnvironment,
  "packages/functions/src/dead-letters/lambda.handler": DeadLettersEnvironment,
  "packages/functions/src/import-loader/lambda.handler": ImportLoaderEnvironment,
  "packages/functions/src/import-splitter/lambda.handler": ImportSplitterEnvironment,
  "packages/functions/src/migrate/lambda.handler": MigrateEnvironment,
  "packages/functions/src/personal-data/lambda.handler": PersonalDataEnvironment,
  "packages/functions/src/sleeper/lambda.handler": SleeperEnvironment,
  "packages/functions/src/status-probe/lambda.handler": StatusProbeEnvironment,
  "packages/functions/src/token-scopes/lambda.handler": z.object({}),
  "packages/functions/src/webhook-delivery/lambda.handler": WebhookDeliveryEnvironment,
  inventory: InventoryEnvironment,
  billing: BillingEnvironment,
};
/** On a laptop the secrets are optional, and in compose.yaml the queues of webhooks too, so the schemas do not require them. */
const ON_AWS = /_ARN$|^WEBHOOK_\w+_URL$/;
/** Only a laptop sets it. */
const LOOPBACK = "WEBHOOK_LOOPBACK";
/** Containers of other authors, with their own settings. */
const OTHERS = ["collector", "rabbitmq", "tunnel"];
/** Variables that SST, and the AWS SDK settings that it adds, put into each function. */
const ADDED = ["AWS_NODEJS_CONNECTION_REUSE_ENABLED", "SST_APP", "SST_STAGE", "SST_SSM_PREFIX"];
/** Read only by Node, and by the logger, which starts before the other settings are parsed. */
const READ_BEFORE = ["NODE_OPTIONS", "LOG_LEVEL"];

const LambdaFunction = z.object({
  Handler: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).default({ Variables: {} }),
});
const TaskDefinition = z.object({
  ContainerDefinitions: z.array(
    z.object({
      Name: z.string(),
      Environment: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
    }),
  ),
});

/** Every process has all settings that it needs, well formed, each secret by its ARN, and no setting that it does not know. */
export function environments(app: App): string[] {
  const processes = processesOf(app);
  const names = compareSets(
    "Process",
    processes.map(({ name }) => name),
    Object.keys(SCHEMAS),
  );
  const problems = processes.flatMap(({ name, variables }) => {
    const schema = SCHEMAS[name];
    if (!schema) return [];
    const parsed = schema.safeParse(fillReferences(variables, app));
    const lacking = Object.keys(schema.shape).filter((key) => ON_AWS.test(key) && !(key in variables));
    const unknown = Object.keys(variables).filter(
      (key) => !(key in schema.shape) && ![...ADDED, ...READ_BEFORE].includes(key),
    );
    return [
      ...(parsed.error?.issues ?? []).map(({ path, message }) => `${name}: ${path.join(".")} ${message}`),
      ...lacking.map((key) => `${name} lacks ${key}`),
      ...(LOOPBACK in variables ? [`${name} may post to its own machine`] : []),
      ...unknown.map((key) => `${name} knows no ${key}`),
    ];
  });
  return [...names, ...problems];
}

function processesOf(app: App): { name: string; variables: Record<string, string> }[] {
  const functions = resourcesOf(app, "AWS::Lambda::Function", LambdaFunction)
    .filter(({ properties }) => properties.Handler.startsWith("packages/"))
    .map(({ properties }) => ({ name: properties.Handler, variables: properties.Environment.Variables }));
  const containers = resourcesOf(app, "AWS::ECS::TaskDefinition", TaskDefinition).flatMap(({ properties }) =>
    properties.ContainerDefinitions.filter(({ Name }) => !OTHERS.includes(Name)).map(
      ({ Name, Environment }) => ({
        name: Name,
        variables: Object.fromEntries(Environment.map((variable) => [variable.Name, variable.Value])),
      }),
    ),
  );
  return [...functions, ...containers];
}
