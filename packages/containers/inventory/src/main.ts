import { openDatabase } from "@cloud-design/core/database";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createTokenVerifier } from "@cloud-design/core/identity";
import * as Inventory from "@cloud-design/core/inventory";
import { createLog } from "@cloud-design/core/log";
import { logProcess } from "@cloud-design/core/log-process";
import { credentialsFrom, identityFrom } from "@cloud-design/core/secrets";
import { trustAlso } from "@cloud-design/core/trust";
import { trustRds } from "@cloud-design/core/trust-rds";
import { WEBHOOKS_QUEUE } from "@cloud-design/core/webhooks";
import { stageSecretFrom } from "@cloud-design/core/webhooks/settings";
import { startTelemetry } from "@cloud-design/telemetry";
import { listen } from "../../shared/listen.ts";
import { onShutdown, REQUESTS_DRAIN_SECONDS } from "../../shared/on-shutdown.ts";
import { startSweeper } from "../../shared/sweeper.ts";
import { createApp } from "./app.ts";
import { openDeliveryQueues } from "./delivery-queues.ts";
import { InventoryEnvironment } from "./env.ts";
import { openImportFiles } from "./import-files.ts";
import { countPopularity } from "./popularity.ts";
import { startSubscriber } from "./subscriber.ts";
import { tellWebhooks } from "./webhook-events.ts";
import { startRetries } from "./webhook-retries.ts";

const log = createLog("inventory");
logProcess(log);
const environment = parseEnvironment(InventoryEnvironment);
trustAlso(environment.AMQP_AUTHORITY ?? []);
// For a stage without RDS Proxy.
trustRds();
const telemetry = await startTelemetry({ service: "inventory", environment });

const database = openDatabase({
  url: environment.DATABASE_URL,
  credentials: credentialsFrom(environment.DATABASE_SECRET_ARN),
  name: "inventory",
});
const broker = {
  amqpUrl: environment.AMQP_URL,
  credentials: credentialsFrom(environment.AMQP_SECRET_ARN),
};
const background: { close(): Promise<void> }[] = [
  startSweeper({ database, sweeps: Inventory.SWEEPS, log }),
  startSubscriber({ ...broker, queue: Inventory.POPULARITY_QUEUE, hear: countPopularity(database), log }),
];
const { WEBHOOK_DELIVERIES_URL: deliveriesUrl, WEBHOOK_RETRIES_URL: retriesUrl } = environment;
if (deliveriesUrl !== undefined && retriesUrl !== undefined) {
  const queues = openDeliveryQueues({ deliveriesUrl, retriesUrl, log });
  background.push(
    startSubscriber({
      ...broker,
      queue: WEBHOOKS_QUEUE,
      hear: tellWebhooks(database, queues),
      // A failure of SQS repeats all of a batch: these are ten calls at most.
      batchMax: 10,
      log,
    }),
    startRetries({ database, queues, log }),
  );
}
const app = createApp({
  database,
  files: openImportFiles(environment.IMPORTS_BUCKET),
  verifier: createTokenVerifier(environment, log),
  webhooks: {
    secret: stageSecretFrom(environment),
    isLoopbackAllowed: environment.WEBHOOK_LOOPBACK === "allowed",
  },
  siteUrl: environment.SITE_URL,
  log,
});
const server = await listen(app.fetch, {
  port: environment.PORT,
  host: environment.HOST,
  siteUrl: environment.SITE_URL,
  identity: identityFrom(environment.TLS_SECRET_ARN),
});
log.info({ port: server.port }, "listening");

onShutdown(log, async () => {
  await Promise.all([server.close(REQUESTS_DRAIN_SECONDS), ...background.map((one) => one.close())]);
  // In parallel: one after the other might exceed the rest of the drain time.
  await Promise.all([database.close(), telemetry.shutdown()]);
});
