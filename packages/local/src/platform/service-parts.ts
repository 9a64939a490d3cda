import type { BillingEnvironment } from "@cloud-design/containers/billing/env";
import type { InventoryEnvironment } from "@cloud-design/containers/inventory/env";
import { PROGRAMS } from "@cloud-design/core/identity/scopes";
import type { OrderBridgeEnvironment } from "@cloud-design/functions/order-bridge/env";
import type { LaneUrls } from "@cloud-design/functions/shared/lane-urls";
import { WEB_CLIENT } from "../stand-ins/cognito/people.ts";
import { IMPORTS_BUCKET } from "../stand-ins/s3/bucket-name.ts";
import type { Part } from "../supervisor/part.ts";
import { type Given, nodePart } from "./node-part.ts";
import { REGION } from "./region.ts";

/** Any pool id in Cognito's format will do: the unmodified verifier then accepts the tokens. */
export const USER_POOL_ID = `${REGION}_LocalPool`;

/** The SDK needs a region and credentials; the stand-ins do not check them. */
export const AWS_ENVIRONMENT = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
} as const;

interface PartOptions {
  /** Replaces the service's name, where several processes of it run. */
  name?: string;
  /** Settings for this process in addition to those that every process of the service gets. */
  env?: Readonly<Record<string, string>>;
  metricsPort?: number;
}

interface ServiceOptions extends PartOptions {
  port: number;
  siteUrl: string;
  identityUrl: string;
  databaseUrl: string;
  amqpUrl: string;
}

/** The settings with which a process verifies tokens. */
export function verification(identityUrl: string) {
  return {
    COGNITO_USER_POOL_ID: USER_POOL_ID,
    COGNITO_CLIENT_IDS: [WEB_CLIENT.id, ...PROGRAMS].join(),
    COGNITO_JWKS_URL: `${identityUrl}/${USER_POOL_ID}/.well-known/jwks.json`,
  };
}

/** The settings with which a process reaches the queues of orders. */
export function ordersQueues(urls: LaneUrls) {
  return {
    ...AWS_ENVIRONMENT,
    AWS_ENDPOINT_URL_SQS: new URL(urls.standard).origin,
    ORDERS_QUEUE_URLS: JSON.stringify(urls),
  };
}

export function inventoryPart({ env, ...options }: ServiceOptions): Part {
  const ours = { ...AWS_ENVIRONMENT, IMPORTS_BUCKET } satisfies Pick<
    Given<InventoryEnvironment>,
    "IMPORTS_BUCKET"
  >;
  return servicePart("inventory", { ...options, env: { ...ours, ...env } });
}

export function billingPart(options: ServiceOptions): Part {
  return servicePart("billing", options);
}

export function orderBridgePart(options: PartOptions & { queueUrls: LaneUrls; amqpUrl: string }): Part {
  const { name = "order-bridge", metricsPort, queueUrls, amqpUrl, env } = options;
  return nodePart({
    ...{ name, port: 0, metricsPort, needs: ["sqs", "rabbitmq"] },
    entry: "local/src/stand-ins/sqs-event-source/main.ts",
    env: {
      ...({ ...ordersQueues(queueUrls), AMQP_URL: amqpUrl } satisfies Given<OrderBridgeEnvironment>),
      ...env,
    },
  });
}

function servicePart(noun: "inventory" | "billing", options: ServiceOptions): Part {
  const { name = noun, port, metricsPort, siteUrl, identityUrl, databaseUrl, amqpUrl, env } = options;
  return nodePart({
    ...{ name, port, metricsPort, needs: ["migrations", "identity", "rabbitmq"] },
    entry: `containers/${noun}/src/main.ts`,
    env: {
      ...({
        SITE_URL: siteUrl,
        ...verification(identityUrl),
        HOST: "127.0.0.1",
        DATABASE_URL: databaseUrl,
        AMQP_URL: amqpUrl,
      } satisfies Omit<Given<InventoryEnvironment>, "IMPORTS_BUCKET"> & Given<BillingEnvironment>),
      ...env,
    },
    healthPath: "/health/ready",
  });
}
