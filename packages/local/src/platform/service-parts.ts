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

interface WebhookOptions {
  /** The origin of SQS. */
  sqsUrl: string;
  webhookSecret: string;
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

/** The settings with which inventory and the function of deliveries know each other's queues, and receivers on this machine. */
export function webhookSettings({ sqsUrl, webhookSecret }: WebhookOptions) {
  return {
    ...AWS_ENVIRONMENT,
    AWS_ENDPOINT_URL_SQS: sqsUrl,
    WEBHOOK_SECRET: webhookSecret,
    WEBHOOK_LOOPBACK: "allowed",
    WEBHOOK_RETRIES_URL: `${sqsUrl}/000000000000/webhook-retries`,
    WEBHOOK_DELIVERIES_URL: `${sqsUrl}/000000000000/webhook-deliveries`,
  } as const;
}

export function inventoryPart(options: ServiceOptions & WebhookOptions): Part {
  const settings = { ...webhookSettings(options), IMPORTS_BUCKET } satisfies Omit<
    Given<InventoryEnvironment>,
    keyof BillingEnvironment
  >;
  const part = servicePart("inventory", { ...options, env: { ...settings, ...options.env } });
  return { ...part, needs: [...part.needs, "sqs"] };
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
      } satisfies Given<BillingEnvironment>),
      ...env,
    },
    healthPath: "/health/ready",
  });
}
