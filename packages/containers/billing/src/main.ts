import * as Billing from "@cloud-design/core/billing";
import { createPublisher } from "@cloud-design/core/broker";
import { openDatabase } from "@cloud-design/core/database";
import { parseEnvironment } from "@cloud-design/core/environment";
import { declareEvents } from "@cloud-design/core/events";
import { createTokenVerifier } from "@cloud-design/core/identity";
import { createLog } from "@cloud-design/core/log";
import { logProcess } from "@cloud-design/core/log-process";
import { credentialsFrom, identityFrom } from "@cloud-design/core/secrets";
import { watch } from "@cloud-design/core/telemetry";
import { trustAlso } from "@cloud-design/core/trust";
import { trustRds } from "@cloud-design/core/trust-rds";
import { startTelemetry } from "@cloud-design/telemetry";
import { listen } from "../../shared/listen.ts";
import { onShutdown, REQUESTS_DRAIN_SECONDS } from "../../shared/on-shutdown.ts";
import { startSweeper } from "../../shared/sweeper.ts";
import { createApp } from "./app.ts";
import { startConsumer } from "./consumer.ts";
import { BillingEnvironment } from "./env.ts";
import { createOrderRecorder } from "./order-recorder.ts";
import { startRelay } from "./relay.ts";

/**
 * Orders held at once by which a process knows that more of them wait: between two batches of a backlog it holds half of
 * a prefetch, and a handful otherwise.
 */
const BACKLOG_HELD = 50;

const log = createLog("billing");
logProcess(log);
const environment = parseEnvironment(BillingEnvironment);
trustAlso(environment.AMQP_AUTHORITY ?? []);
// For a stage without RDS Proxy.
trustRds();
const telemetry = await startTelemetry({ service: "billing", environment });

const database = openDatabase({
  url: environment.DATABASE_URL,
  credentials: credentialsFrom(environment.DATABASE_SECRET_ARN),
  name: "billing",
});
const consumer = startConsumer({
  amqpUrl: environment.AMQP_URL,
  credentials: credentialsFrom(environment.AMQP_SECRET_ARN),
  createRecorder: (session) => createOrderRecorder({ database, ...session }),
  log,
});
watch("orders.held", consumer.held);
const sweeper = startSweeper({ database, sweeps: Billing.SWEEPS, log });
const relay = startRelay({
  database,
  publisher: createPublisher(environment.AMQP_URL, {
    name: "billing events",
    credentials: credentialsFrom(environment.AMQP_SECRET_ARN),
    setup: declareEvents,
    // Heartbeats watch this connection, because the process is never frozen.
    idleSecondsMax: Number.POSITIVE_INFINITY,
  }),
  isBehind: () => consumer.held() > BACKLOG_HELD,
  log,
});
watch("events.waiting", relay.age);
const app = createApp({
  database,
  verifier: createTokenVerifier(environment, log),
  isConsuming: consumer.isConsuming,
  held: consumer.held,
  progress: consumer.progress,
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
  await Promise.all([
    server.close(REQUESTS_DRAIN_SECONDS),
    consumer.close().then(relay.close),
    sweeper.close(),
  ]);
  // In parallel: one after the other might exceed the rest of the drain time.
  await Promise.all([database.close(), telemetry.shutdown()]);
});
