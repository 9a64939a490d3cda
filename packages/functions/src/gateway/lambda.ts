import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { createApp } from "./app.ts";
import { GatewayEnvironment } from "./env.ts";
import { asRequest } from "./event.ts";
import { openOrdersQueue } from "./orders-queue.ts";
import { readSecrets } from "./secrets.ts";

const environment = parseEnvironment(GatewayEnvironment);
const telemetry = await startTelemetry({ service: "gateway", environment, isEdge: true });

const answer = handle(
  createApp({
    inventoryUrl: environment.INVENTORY_URL,
    billingUrl: environment.BILLING_URL,
    siteUrl: environment.SITE_URL,
    ...(await readSecrets(environment)),
    queue: openOrdersQueue(environment.ORDERS_QUEUE_URL),
    log: createLog("gateway"),
  }),
);

export const handler = flushed(telemetry, (event: LambdaEvent, context?: LambdaContext) =>
  answer(asRequest(event), context),
);
