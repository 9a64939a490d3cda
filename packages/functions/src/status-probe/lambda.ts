import { BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { countMessages } from "@cloud-design/core/broker";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { openOrdersQueue } from "../gateway/orders-queue.ts";
import { readClientSecret } from "./client-secret.ts";
import { StatusProbeEnvironment } from "./env.ts";
import { probe } from "./probe.ts";
import { checkAndPublish } from "./publish.ts";
import { openStore } from "./store.ts";
import { cachedToken } from "./token.ts";

const environment = parseEnvironment(StatusProbeEnvironment);
const log = createLog("status-probe");
const store = openStore(environment.BUCKET);
const queue = openOrdersQueue(environment.ORDERS_QUEUE_URL);
const brokerOptions = { name: "status-probe", credentials: credentialsFrom(environment.AMQP_SECRET_ARN) };
const deps = {
  siteUrl: environment.SITE_URL,
  jwksUrl: environment.COGNITO_JWKS_URL,
  inventoryUrl: environment.INVENTORY_URL,
  billingUrl: environment.BILLING_URL,
  token: cachedToken({
    tokenUrl: environment.TOKEN_URL,
    clientId: environment.CLIENT_ID,
    clientSecret: () => readClientSecret(environment),
  }),
  countInSqs: queue.countWaiting,
  countInBroker: () => countMessages(environment.AMQP_URL, BILLING_QUEUE, brokerOptions),
};

/** Runs every minute. Throws only when the page could not be written. */
export async function handler(): Promise<void> {
  const { state, components } = await checkAndPublish({
    store,
    siteUrl: environment.SITE_URL,
    check: (last) => probe(deps, last),
    intervalSeconds: environment.INTERVAL_SECONDS,
  });
  if (state === "up") return;
  const unwell = Object.entries(components).filter(([, component]) => component.state !== "up");
  log.warn({ state, unwell: unwell.map(([id, component]) => `${id} ${component.state}`) }, "not all is well");
}
