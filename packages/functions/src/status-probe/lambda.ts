import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { byLane, eachLane, LANE_NAMES, LANES } from "@cloud-design/core/billing/lanes";
import { ORDERS_DEAD_LETTERS } from "@cloud-design/core/billing/queue";
import { countMessages } from "@cloud-design/core/broker";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { withDeadline } from "@cloud-design/core/retry";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { openSqs } from "@cloud-design/core/sqs";
import { set, watch } from "@cloud-design/core/telemetry";
import { trustAlso } from "@cloud-design/core/trust";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import { askDepth } from "../shared/ask-depth.ts";
import { openStore } from "../shared/status-store.ts";
import { askBilling } from "./ask-billing.ts";
import { readClientSecret } from "./client-secret.ts";
import { StatusProbeEnvironment } from "./env.ts";
import { logLine, settleSecondsOf } from "./figures.ts";
import { openJournal } from "./journal.ts";
import { type ProbeDependencies, probe } from "./probe.ts";
import { checkAndPublish } from "./publish.ts";
import { cachedToken } from "./token.ts";

const environment = parseEnvironment(StatusProbeEnvironment);
trustAlso(environment.BALANCER_AUTHORITY ?? []);
const telemetry = await startTelemetry({ service: "status-probe", environment });
const log = createLog("status-probe");
const store = openStore(environment.BUCKET);
const brokerOptions = { name: "status-probe", credentials: credentialsFrom(environment.AMQP_SECRET_ARN) };
const token = cachedToken({
  tokenUrl: environment.TOKEN_URL,
  clientId: environment.CLIENT_ID,
  clientSecret: () => readClientSecret(environment),
});
const urls = environment.ORDERS_QUEUE_URLS;
const sqs = openSqs(urls.standard);
const deps: ProbeDependencies = {
  siteUrl: environment.SITE_URL,
  jwksUrl: environment.COGNITO_JWKS_URL,
  inventoryUrl: environment.INVENTORY_URL,
  billingUrl: environment.BILLING_URL,
  token,
  journal: openJournal(environment.GATEWAY_LOG_GROUP),
  countDeadLetters: () => countIn(ORDERS_DEAD_LETTERS, environment.DEAD_LETTERS_QUEUE_URL),
  countInSqs: () => eachLane((lane) => countIn(LANES[lane].sqs, urls[lane])),
  countInBroker,
  askBilling: (ids, signal) => askBilling({ billingUrl: environment.BILLING_URL, token }, ids, signal),
  settleSeconds: settleSecondsOf(environment.INTERVAL_SECONDS),
};

/** Undefined while the ledger has no figure: an alert fires when the metric is absent, and would not for an old value. */
let unaccounted: number | undefined;
watch("orders.unaccounted", () => unaccounted);

/** Runs every minute. Throws only when the page could not be written. */
export const handler = flushed(telemetry, check);

async function check(): Promise<void> {
  const { state, components } = await checkAndPublish({
    store,
    siteUrl: environment.SITE_URL,
    async check(before) {
      const found = await probe(deps, before);
      const line = logLine(found.ledger, found.counted, found.check.orders, deps.settleSeconds);
      log[line.unaccounted ? "error" : "info"](line, LOG_MESSAGES.ledger);
      unaccounted = line.unaccounted;
      return found;
    },
    intervalSeconds: environment.INTERVAL_SECONDS,
  });
  if (state === "up") return;
  const unwell = Object.entries(components).filter(([, component]) => component.state !== "up");
  log.warn({ state, unwell: unwell.map(([id, component]) => `${id} ${component.state}`) }, "not all is well");
}

async function countInBroker() {
  const queues = LANE_NAMES.map((lane) => LANES[lane].queue);
  const counts = await countMessages(environment.AMQP_URL, queues, brokerOptions);
  const ready = byLane((lane, index) => measured(LANES[lane].queue, counts[index]?.ready ?? 0));
  // Each process consumes every lane, except one that begins or ends just now.
  return { ready, consumers: Math.max(...counts.map(({ consumers }) => consumers)) };
}

/** All messages, whatever their state: each is an order that is accounted for. */
async function countIn(queue: string, url: string): Promise<number> {
  const asking = askDepth((input) => sqs("GetQueueAttributes", input), url);
  const { visible, inFlight, delayed } = await withDeadline(asking, 1.5, "SQS");
  return measured(queue, visible + inFlight + delayed);
}

/** A queue that could not be counted keeps its last value. */
function measured(queue: string, messages: number): number {
  set("orders.waiting", messages, { queue });
  return messages;
}
