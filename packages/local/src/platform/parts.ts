import { TARGET_GROUP } from "@cloud-design/containers/target-group";
import type { GatewayEnvironment } from "@cloud-design/functions/gateway/env";
import type { ImportLoaderEnvironment } from "@cloud-design/functions/import-loader/env";
import type { ImportSplitterEnvironment } from "@cloud-design/functions/import-splitter/env";
import { IMPORT_SPLITTER } from "@cloud-design/functions/shared/import-limits";
import type { StatusProbeEnvironment } from "@cloud-design/functions/status-probe/env";
import type { WebhookDeliveryEnvironment } from "@cloud-design/functions/webhook-delivery/env";
import { buildSite } from "@cloud-design/site/site-directory";
import { PRESET_TABLE } from "@cloud-design/stage/settings";
import type { ApiGatewayEnvironment } from "../stand-ins/api-gateway/env.ts";
import { BUCKET } from "../stand-ins/cloudfront/bucket-name.ts";
import type { CloudFrontEnvironment } from "../stand-ins/cloudfront/env.ts";
import type { CognitoEnvironment } from "../stand-ins/cognito/env.ts";
import { PROGRAM_CLIENTS } from "../stand-ins/cognito/people.ts";
import type { LoadBalancerEnvironment } from "../stand-ins/elastic-load-balancing/env.ts";
import type { EventBridgeEnvironment } from "../stand-ins/event-bridge/env.ts";
import { IMPORTS_BUCKET } from "../stand-ins/s3/bucket-name.ts";
import type { SqsEnvironment } from "../stand-ins/sqs/env.ts";
import type {
  ChunksSourceEnvironment,
  DeliveriesSourceEnvironment,
  FilesSourceEnvironment,
} from "../stand-ins/sqs-event-source/env.ts";
import type { TracesEnvironment } from "../stand-ins/traces/env.ts";
import { logFileOf } from "../supervisor/log-file.ts";
import { type Part, SetupError } from "../supervisor/part.ts";
import { socketPath } from "../supervisor/socket.ts";
import { laneUrls, local, metricsUrl, queueUrl } from "./addresses.ts";
import { balanced, type Given, nodePart } from "./node-part.ts";
import { REGION } from "./region.ts";
import {
  AWS_ENVIRONMENT,
  billingPart,
  inventoryPart,
  orderBridgePart,
  ordersQueues,
  USER_POOL_ID,
  verification,
  webhookSettings,
} from "./service-parts.ts";
import { type Copied, copiesOf, movedPorts, type Settings } from "./settings.ts";

/** AWS checks once a minute, because each run costs money. Here a person waits for the result of a stop. A laboratory in a hurry sets less. */
const PROBE_SECONDS = process.env.PROBE_SECONDS ?? "5";

/** A laboratory measures what is behind the throttles, and switches them off. */
const ROUTE_THROTTLES = process.env.ROUTE_THROTTLES === "off" ? "off" : "on";

/** The addresses and secrets that the parts are given. */
export interface Wiring {
  settings: Settings;
  state: string;
  siteUrl: string;
  moviesUrl: string;
  ordersUrl: string;
  inventoryUrl: string;
  billingUrl: string;
  amqpUrl: string;
  orderIdSecret: string;
  webhookSecret: string;
}

const identityUrlOf = ({ settings }: Wiring) => local(settings.ports.identity);
const ordersOf = ({ settings }: Wiring) => ordersQueues(laneUrls(settings));
const s3Of = ({ settings }: Wiring) => ({
  ...AWS_ENVIRONMENT,
  AWS_ENDPOINT_URL_S3: local(settings.ports.s3),
});
const sqsOf = ({ settings }: Wiring) => ({
  ...AWS_ENVIRONMENT,
  AWS_ENDPOINT_URL_SQS: local(settings.ports.sqs),
});

/** The collector of traces. */
export function telemetry(wiring: Wiring): Part {
  const { settings, state, siteUrl, amqpUrl } = wiring;
  return nodePart({
    name: "telemetry",
    needs: [],
    port: settings.ports.telemetry,
    entry: "local/src/stand-ins/traces/main.ts",
    env: {
      ...ordersOf(wiring),
      SITE_URL: siteUrl,
      STATE_DIRECTORY: `${state}/telemetry`,
      PLATFORM_DIRECTORY: settings.directory,
      AMQP_URL: amqpUrl,
      DEAD_LETTERS_QUEUE_URL: queueUrl(settings, "orders-dead-letters"),
      BILLING_METRICS_URLS: placesOf(settings, "billing")
        .map(({ metricsPort }) => metricsUrl(metricsPort))
        .join(),
    } satisfies Given<TracesEnvironment>,
    healthPath: "/health",
    // It drains for 2 s. When it hangs, the platform must not wait long for its traces.
    stopSeconds: 5,
  });
}

/** SQS. */
export function sqs({ settings, state }: Wiring): Part {
  return nodePart({
    name: "sqs",
    needs: [],
    port: settings.ports.sqs,
    entry: "local/src/stand-ins/sqs/main.ts",
    env: { AWS_REGION: REGION, STATE_DIRECTORY: `${state}/sqs` } satisfies Given<SqsEnvironment>,
    healthPath: "/health",
  });
}

/** Cognito. */
export function identity({ settings, state, siteUrl }: Wiring): Part {
  return nodePart({
    name: "identity",
    needs: [],
    port: settings.ports.identity,
    entry: "local/src/stand-ins/cognito/main.ts",
    env: {
      HOST: settings.host,
      SITE_URL: siteUrl,
      STATE_DIRECTORY: `${state}/identity`,
      USER_POOL_ID,
    } satisfies Given<CognitoEnvironment>,
    healthPath: `/${USER_POOL_ID}/.well-known/jwks.json`,
  });
}

/** The service of movies, and Elastic Load Balancing before it if several of its processes run. */
export function inventory(wiring: Wiring): Part[] {
  const { settings, siteUrl, moviesUrl, amqpUrl, webhookSecret } = wiring;
  const common = {
    siteUrl,
    sqsUrl: local(settings.ports.sqs),
    webhookSecret,
    amqpUrl,
    identityUrl: identityUrlOf(wiring),
    databaseUrl: moviesUrl,
    env: s3Of(wiring),
  };
  return behindBalancer(settings, "inventory", (place) => inventoryPart({ ...common, ...place }));
}

/** The service of orders, likewise. */
export function billing(wiring: Wiring): Part[] {
  const { settings, siteUrl, ordersUrl, amqpUrl } = wiring;
  const common = { siteUrl, identityUrl: identityUrlOf(wiring), databaseUrl: ordersUrl, amqpUrl };
  return behindBalancer(settings, "billing", (place) => billingPart({ ...common, ...place }));
}

/** Lambda with the order bridge, and its poller. */
export function orderBridge({ settings, amqpUrl }: Wiring): Part {
  return orderBridgePart({
    metricsPort: settings.ports["order-bridge-metrics"],
    queueUrls: laneUrls(settings),
    amqpUrl,
  });
}

/** Lambda with the splitter of imported files, and its poller. */
export function importSplitter(wiring: Wiring): Part {
  return nodePart({
    ...{ name: "import-splitter", port: 0, needs: ["sqs", "site"] },
    entry: "local/src/stand-ins/sqs-event-source/import-splitter/main.ts",
    env: {
      NODE_OPTIONS: IMPORT_SPLITTER.nodeOptions,
      ...({
        ...s3Of(wiring),
        ...sqsOf(wiring),
        IMPORTS_BUCKET,
        IMPORTS_QUEUE_URL: queueUrl(wiring.settings, "imports"),
        IMPORT_CHUNKS_QUEUE_URL: queueUrl(wiring.settings, "import-chunks"),
      } satisfies Given<FilesSourceEnvironment & ImportSplitterEnvironment>),
    },
  });
}

/** Lambda with the loader of imported movies, and its poller. */
export function importLoader(wiring: Wiring): Part {
  return nodePart({
    ...{ name: "import-loader", port: 0, needs: ["sqs", "site", "migrations"] },
    entry: "local/src/stand-ins/sqs-event-source/import-loader/main.ts",
    env: {
      ...s3Of(wiring),
      ...sqsOf(wiring),
      IMPORTS_BUCKET,
      IMPORT_CHUNKS_QUEUE_URL: queueUrl(wiring.settings, "import-chunks"),
      DATABASE_URL: wiring.moviesUrl,
    } satisfies Given<ChunksSourceEnvironment & ImportLoaderEnvironment>,
  });
}

/** Lambda with the function that posts to webhooks, and its poller. */
export function webhookDelivery({ settings, webhookSecret }: Wiring): Part {
  return nodePart({
    ...{ name: "webhook-delivery", port: 0, needs: ["sqs"] },
    entry: "local/src/stand-ins/sqs-event-source/webhook-delivery/main.ts",
    env: {
      ...webhookSettings({ sqsUrl: local(settings.ports.sqs), webhookSecret }),
      WEBHOOK_DEAD_LETTERS_URL: queueUrl(settings, "webhook-dead-letters"),
    } satisfies Given<DeliveriesSourceEnvironment & WebhookDeliveryEnvironment>,
  });
}

/** The limits of `prod`, so that a person sees on the laptop which requests a part that hangs costs, and which it does not. */
const CONCURRENCY = {
  RESERVED_CONCURRENCY: String(PRESET_TABLE.gatewayConcurrency.hardened),
  ORDER_RESERVED_CONCURRENCY: String(PRESET_TABLE.orderGatewayConcurrency.hardened),
};

/** API Gateway, and Lambda with the two functions behind it. */
export function gateway(wiring: Wiring): Part {
  const { settings, siteUrl, inventoryUrl, billingUrl, orderIdSecret } = wiring;
  const { COGNITO_CLIENT_IDS, COGNITO_JWKS_URL } = verification(identityUrlOf(wiring));
  return nodePart({
    name: "gateway",
    needs: ["sqs", "identity"],
    port: settings.ports.gateway,
    metricsPort: settings.ports["gateway-metrics"],
    entry: "local/src/stand-ins/api-gateway/main.ts",
    env: {
      ...ordersOf(wiring),
      ...CONCURRENCY,
      ROUTE_THROTTLES,
      // The ledger reads in the gateway's log which orders were accepted, so it needs lines of `info` in every run.
      LOG_LEVEL: "info",
      HOST: settings.host,
      SITE_URL: siteUrl,
      USER_POOL_ID,
      CLIENT_IDS: COGNITO_CLIENT_IDS,
      COGNITO_JWKS_URL,
      INVENTORY_URL: inventoryUrl,
      BILLING_URL: billingUrl,
      ORDER_ID_SECRET: orderIdSecret,
    } satisfies Given<ApiGatewayEnvironment & GatewayEnvironment>,
    healthPath: "/health/ready",
  });
}

/** CloudFront, and S3 behind it. */
export function site(wiring: Wiring): Part {
  const { settings, state, siteUrl } = wiring;
  const { ports } = settings;
  return nodePart({
    name: "site",
    needs: [],
    port: ports.site,
    otherPorts: { s3: ports.s3 },
    entry: "local/src/stand-ins/cloudfront/main.ts",
    env: {
      ...s3Of(wiring),
      ...sqsOf(wiring),
      IMPORTS_QUEUE_URL: queueUrl(settings, "imports"),
      HOST: settings.host,
      S3_PORT: String(ports.s3),
      SITE_URL: siteUrl,
      STATE_DIRECTORY: `${state}/site`,
      GATEWAY_LOG: logFileOf(settings.directory, "gateway"),
      GATEWAY_URL: local(ports.gateway),
      TELEMETRY_URL: local(ports.telemetry),
      MOVED_PORTS: JSON.stringify(movedPorts(ports)),
    } satisfies Omit<Given<CloudFrontEnvironment>, "SITE_DIRECTORY">,
    // An image contains the built site, and no tools to build it.
    prepare: async (report) => ({
      SITE_DIRECTORY: process.env.CLOUD_DESIGN_SITE ?? (await buildOrExplain(report)),
    }),
    healthPath: "/",
  });
}

/** EventBridge, and Lambda with the status probe. */
export function statusProbe(wiring: Wiring): Part {
  const { settings, siteUrl, inventoryUrl, billingUrl, amqpUrl } = wiring;
  const identityUrl = identityUrlOf(wiring);
  return nodePart({
    name: "status-probe",
    // It needs every part that it asks; otherwise the history would show each start as an outage.
    needs: ["site", "gateway", "inventory", "billing", "order-bridge"],
    port: 0,
    metricsPort: settings.ports["status-probe-metrics"],
    entry: "local/src/stand-ins/event-bridge/main.ts",
    env: {
      ...s3Of(wiring),
      ...ordersOf(wiring),
      // The stand-in for S3 answers for the one log group that is asked for, whatever its name.
      ...{ AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: local(settings.ports.s3) },
      SITE_URL: siteUrl,
      COGNITO_JWKS_URL: verification(identityUrl).COGNITO_JWKS_URL,
      TOKEN_URL: `${identityUrl}/oauth2/token`,
      CLIENT_ID: PROGRAM_CLIENTS.probe.id,
      CLIENT_SECRET: PROGRAM_CLIENTS.probe.secret,
      INVENTORY_URL: inventoryUrl,
      BILLING_URL: billingUrl,
      AMQP_URL: amqpUrl,
      BUCKET,
      DEAD_LETTERS_QUEUE_URL: queueUrl(settings, "orders-dead-letters"),
      GATEWAY_LOG_GROUP: "gateway",
      INTERVAL_SECONDS: PROBE_SECONDS,
    } satisfies Given<EventBridgeEnvironment & StatusProbeEnvironment>,
  });
}

interface Place {
  name: string;
  port: number;
  metricsPort: number;
}

/** Where each process of a service listens. */
function placesOf(settings: Settings, noun: Copied): Place[] {
  const { ports } = settings;
  const copies = copiesOf(settings, noun);
  return copies.length > 0
    ? copies
    : [{ name: noun, port: ports[noun], metricsPort: ports[`${noun}-metrics`] }];
}

/** The parts of a service: its one process, or a balancer with the name and the port of the service, and several processes. */
function behindBalancer(settings: Settings, noun: Copied, partOf: (place: Place) => Part): Part[] {
  const parts = placesOf(settings, noun).map(partOf);
  if (parts.length === 1) return parts;
  const socket = socketPath(settings.directory, noun);
  const copies = parts.map(({ name }) => name);
  const balancer = nodePart({
    name: noun,
    needs: copies,
    copies,
    port: settings.ports[noun],
    entry: "local/src/stand-ins/elastic-load-balancing/main.ts",
    env: {
      TARGETS: parts.map(({ port }) => port).join(),
      SOCKET: socket,
    } satisfies Given<LoadBalancerEnvironment>,
    // Through the balancer: it is ready once it has a target that is.
    healthPath: TARGET_GROUP.path,
  });
  return [balancer, ...parts.map((part) => balanced(part, socket))];
}

/** Most builds fail for one of the pages, and say which. */
async function buildOrExplain(report: (doing: string) => void): Promise<string> {
  return buildSite(report).catch((error: Error) => {
    throw new SetupError(error.message);
  });
}
