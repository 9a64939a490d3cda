import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { trustOnly } from "../shared/ask.ts";
import { openOrdersQueue } from "../shared/orders-queue.ts";
import { createApp } from "./app.ts";
import { GatewayEnvironment } from "./env.ts";
import { asRequest } from "./event.ts";
import { renewed } from "./renewed.ts";
import { readSecrets } from "./secrets.ts";

const environment = parseEnvironment(GatewayEnvironment);
if (environment.BALANCER_AUTHORITY) trustOnly(environment.BALANCER_AUTHORITY);
const telemetry = await startTelemetry({ service: "gateway", environment, isEdge: true });

const log = createLog("gateway");
const queue = openOrdersQueue(environment.ORDERS_QUEUE_URLS);
/**
 * How long a leaked secret stays valid after its rotation. Reading both secrets costs $0.09 a month for each instance
 * that is never idle.
 */
const SECRETS_SECONDS = 300;

const currentAnswer = renewed(
  async () =>
    handle(
      createApp({
        inventoryUrl: environment.INVENTORY_URL,
        billingUrl: environment.BILLING_URL,
        siteUrl: environment.SITE_URL,
        ...(await readSecrets(environment)),
        queue,
        log,
      }),
    ),
  {
    everySeconds: SECRETS_SECONDS,
    onFailure: (error) =>
      log.error({ err: error }, "the secrets could not be read again: the previous ones stay in use"),
  },
);
const ready = currentAnswer();
// Node loads its fetch with the first of them: here, beside the wait for the secrets and with all of Lambda's processors, not for the first caller.
new Response(new Request(environment.SITE_URL).body);
// A function that cannot read its secrets must not start.
await ready;

export const handler = flushed(telemetry, async (event: LambdaEvent, context?: LambdaContext) => {
  const answer = await currentAnswer();
  return answer(asRequest(event), context);
});
