import { parseEnvironment } from "@cloud-design/core/environment";
import { openSqs } from "@cloud-design/core/sqs";
import { openLive } from "@cloud-design/traces/store/live";
import { Rates } from "@cloud-design/traces/store/rates";
import { openStore } from "@cloud-design/traces/store/store";
import { readPlatform } from "../../supervisor/platform-file.ts";
import { drain, listen, runStandIn } from "../stand-in.ts";
import { TracesEnvironment } from "./env.ts";
import { openQueueGauge } from "./queues.ts";
import { createTelemetry } from "./server.ts";

/** Spans that arrive meanwhile are sent again, or are not worth waiting for. */
const DRAIN_SECONDS = 2;

await runStandIn("telemetry", async (log) => {
  const environment = parseEnvironment(TracesEnvironment);
  const store = openStore(environment.STATE_DIRECTORY, {
    onNoFile: (err) =>
      log.warn({ err }, "no file for the traces can be opened: they are kept in memory alone"),
  });
  const rates = new Rates();
  const gauge = openQueueGauge({
    sqs: openSqs(environment.DEAD_LETTERS_QUEUE_URL),
    ordersUrls: environment.ORDERS_QUEUE_URLS,
    deadLettersUrl: environment.DEAD_LETTERS_QUEUE_URL,
    amqpUrl: environment.AMQP_URL,
    billingMetricsUrls: environment.BILLING_METRICS_URLS,
  });
  const server = createTelemetry({
    store,
    onSpans: (spans) => rates.add(spans),
    live: openLive({ store, rates, gauge, parts: () => partsOf(environment.PLATFORM_DIRECTORY) }),
    // The supervisor starts it again at once, with a new file.
    onDamage(error) {
      log.fatal({ err: error }, "the file of traces is damaged");
      process.exit(1);
    },
    siteUrl: environment.SITE_URL,
    log,
  });
  log.info({ port: await listen(server, environment.PORT) }, "listening");
  return async () => {
    await drain(server, DRAIN_SECONDS);
    await gauge.close();
    store.close();
  };
});

function partsOf(directory: string): Record<string, string> {
  const { parts = {} } = readPlatform(directory) ?? {};
  return Object.fromEntries(Object.entries(parts).map(([name, { state }]) => [name, state]));
}
