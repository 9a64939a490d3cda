import { databaseUrl, migrate } from "@cloud-design/core/migrate";
import { buildSite } from "@cloud-design/site/site-directory";
import pc from "picocolors";
import { seed } from "../seed/seed.ts";
import { elsewhere } from "../servers/elsewhere.ts";
import { type Server, servers } from "../servers/servers.ts";
import { stateDirectory } from "../servers/state-directory.ts";
import { BUCKET } from "../stand-ins/cloudfront/bucket-name.ts";
import {
  MACHINE_CLIENT,
  PASSWORD,
  PROGRAM_CLIENTS,
  USER_NAMES,
  WEB_CLIENT,
} from "../stand-ins/cognito/people.ts";
import { logFileOf } from "../supervisor/log-file.ts";
import { type Part, SetupError } from "../supervisor/part.ts";
import type { Supervision, Task } from "../supervisor/supervisor.ts";
import { nodePart, observed } from "./node-part.ts";
import { REGION } from "./region.ts";
import { loadSecrets } from "./secrets.ts";
import {
  AWS_ENVIRONMENT,
  billingPart,
  inventoryPart,
  orderBridgePart,
  ordersQueue,
  USER_POOL_ID,
  verification,
} from "./service-parts.ts";
import { COMMAND_LINE, movedPorts, type Settings } from "./settings.ts";

/** On AWS it is a minute, because each run costs money; on a laptop a person waits to see the effect of a stopped part. The alarm laboratory sets its own. */
const PROBE_SECONDS = process.env.PROBE_SECONDS ?? "5";

/** The parts that Prometheus may read. */
const MEASURED = ["gateway", "order-bridge", "inventory", "billing", "status-probe"] as const;

/** The parts that run the code of AWS; the stand-ins send no traces. */
const TRACED = ["inventory", "billing", "order-bridge", "gateway", "status-probe"];

/** Everything that AWS would run, as processes on this machine. */
export async function platform(settings: Settings): Promise<Omit<Supervision, "settings">> {
  const state = stateDirectory(settings.directory);
  const secrets = loadSecrets(state);
  const { inventoryDatabase, billingDatabase, broker } = servers({ settings, state, secrets });
  const inventory = elsewhere("inventory", "INVENTORY_URL", ["http:", "https:"]);
  const billing = elsewhere("billing", "BILLING_URL", ["http:", "https:"]);
  const own = [inventoryDatabase, billingDatabase, broker];
  const external = [...own, inventory, billing].flatMap((part) => part?.external ?? []);
  const moviesUrl = serviceUrl(inventoryDatabase, "movies", `inventory:${secrets.inventory}`);
  const ordersUrl = serviceUrl(billingDatabase, "orders", `billing:${secrets.billing}`);
  const siteUrl = `http://localhost:${settings.ports.site}`;

  const migrations: Task = {
    name: "migrations",
    needs: ["inventory-database", "billing-database"],
    async run() {
      await Promise.all([
        migrateOrExplain("inventory", inventoryDatabase, secrets.inventory),
        migrateOrExplain("billing", billingDatabase, secrets.billing),
      ]);
    },
  };
  const demoData: Task = {
    name: "demo data",
    needs: ["gateway", "inventory", "billing", "order-bridge", "identity"],
    run: (report) =>
      seed({
        gatewayUrl: local(settings.ports.gateway),
        identityUrl: local(settings.ports.identity),
        state,
        report,
      }),
  };
  return {
    parts: [
      ...own.flatMap(({ part }) => part ?? []),
      ...processes(settings, {
        state,
        siteUrl,
        moviesUrl,
        ordersUrl,
        inventoryUrl: inventory?.url ?? local(settings.ports.inventory),
        billingUrl: billing?.url ?? local(settings.ports.billing),
        amqpUrl: broker.adminUrl,
        orderIdSecret: secrets.orderId,
      }).filter((part) => !external.some(({ name }) => name === part.name)),
    ],
    tasks: [migrations, ...(settings.seed ? [demoData] : [])],
    external,
    extra: {
      databases: {
        movies: { url: moviesUrl, adminUrl: databaseUrl(inventoryDatabase.adminUrl, "movies") },
        orders: { url: ordersUrl, adminUrl: databaseUrl(billingDatabase.adminUrl, "orders") },
      },
      broker: { url: broker.adminUrl },
      metrics: Object.fromEntries(
        MEASURED.map((part) => [part, `${local(settings.ports[`${part}-metrics`])}/metrics`]),
      ),
      queues: {
        orders: queueUrl(settings, "orders"),
        deadLetters: queueUrl(settings, "orders-dead-letters"),
      },
      identity: {
        url: local(settings.ports.identity),
        issuer: `https://cognito-idp.${REGION}.amazonaws.com/${USER_POOL_ID}`,
        clients: { web: WEB_CLIENT.id, machine: MACHINE_CLIENT.id },
      },
    },
    summary: () => summary(settings),
  };
}

async function migrateOrExplain(
  noun: "inventory" | "billing",
  server: Server,
  servicePassword: string,
): Promise<void> {
  const { host } = new URL(server.adminUrl);
  await migrate(noun, { adminUrl: server.adminUrl, servicePassword }).catch(
    (error: Error & { code?: string }) => {
      const reason = error.message || error.code || "no answer";
      throw new SetupError(
        `The tables of ${noun} could not be created in the database at ${host}: ${reason}.`,
      );
    },
  );
}

/** A failed build of the pages is usually a mistake in a page: the person gets the message without a stack trace. */
async function buildOrExplain(report: (doing: string) => void): Promise<string> {
  return buildSite(report).catch((error: Error) => {
    throw new SetupError(error.message);
  });
}

interface Wiring {
  state: string;
  siteUrl: string;
  moviesUrl: string;
  ordersUrl: string;
  inventoryUrl: string;
  billingUrl: string;
  amqpUrl: string;
  orderIdSecret: string;
}

function processes(settings: Settings, wiring: Wiring): Part[] {
  const { ports, host } = settings;
  const { state, siteUrl, moviesUrl, ordersUrl, inventoryUrl, billingUrl, amqpUrl, orderIdSecret } = wiring;
  const site = { SITE_URL: siteUrl };
  const s3 = { ...AWS_ENVIRONMENT, AWS_ENDPOINT_URL_S3: local(ports.s3) };
  const identityUrl = local(ports.identity);
  const orders = ordersQueue(queueUrl(settings, "orders"));
  const { COGNITO_CLIENT_IDS, COGNITO_JWKS_URL } = verification(identityUrl);
  const telemetry = nodePart({
    name: "telemetry",
    needs: [],
    port: ports.telemetry,
    entry: "local/src/stand-ins/traces/main.ts",
    env: {
      ...site,
      ...orders,
      STATE_DIRECTORY: `${state}/telemetry`,
      PLATFORM_DIRECTORY: settings.directory,
      AMQP_URL: amqpUrl,
      DEAD_LETTERS_QUEUE_URL: queueUrl(settings, "orders-dead-letters"),
      BILLING_METRICS_URL: `${local(ports["billing-metrics"])}/metrics`,
    },
    healthPath: "/health",
    // It drains for 2 s. If it hangs, losing the last traces is better than holding up the end of the platform.
    stopSeconds: 5,
  });
  const others = [
    nodePart({
      name: "sqs",
      needs: [],
      port: ports.sqs,
      entry: "local/src/stand-ins/sqs/main.ts",
      env: {
        AWS_REGION: REGION,
        STATE_DIRECTORY: `${state}/sqs`,
      },
      healthPath: "/health",
    }),
    nodePart({
      name: "identity",
      needs: [],
      port: ports.identity,
      entry: "local/src/stand-ins/cognito/main.ts",
      env: { ...site, HOST: host, STATE_DIRECTORY: `${state}/identity`, USER_POOL_ID },
      healthPath: `/${USER_POOL_ID}/.well-known/jwks.json`,
    }),
    inventoryPart({
      port: ports.inventory,
      metricsPort: ports["inventory-metrics"],
      siteUrl,
      identityUrl,
      databaseUrl: moviesUrl,
    }),
    billingPart({
      port: ports.billing,
      metricsPort: ports["billing-metrics"],
      siteUrl,
      identityUrl,
      databaseUrl: ordersUrl,
      amqpUrl,
    }),
    orderBridgePart({
      metricsPort: ports["order-bridge-metrics"],
      queueUrl: queueUrl(settings, "orders"),
      amqpUrl,
    }),
    nodePart({
      name: "gateway",
      needs: ["sqs", "identity"],
      port: ports.gateway,
      metricsPort: ports["gateway-metrics"],
      entry: "local/src/stand-ins/api-gateway/main.ts",
      env: {
        ...site,
        ...orders,
        // The ledger reads the accepted orders in this log, whatever LOG_LEVEL is set for the other parts.
        LOG_LEVEL: "info",
        HOST: host,
        USER_POOL_ID,
        CLIENT_IDS: COGNITO_CLIENT_IDS,
        COGNITO_JWKS_URL,
        INVENTORY_URL: inventoryUrl,
        BILLING_URL: billingUrl,
        ORDER_ID_SECRET: orderIdSecret,
      },
      healthPath: "/health/ready",
    }),
    nodePart({
      name: "site",
      needs: [],
      port: ports.site,
      otherPorts: { s3: ports.s3 },
      entry: "local/src/stand-ins/cloudfront/main.ts",
      env: {
        ...site,
        ...s3,
        HOST: host,
        S3_PORT: String(ports.s3),
        STATE_DIRECTORY: `${state}/site`,
        GATEWAY_LOG: logFileOf(settings.directory, "gateway"),
        GATEWAY_URL: local(ports.gateway),
        TELEMETRY_URL: local(ports.telemetry),
        MOVED_PORTS: JSON.stringify(movedPorts(ports)),
      },
      // An image already holds the site, and has no tools to build it.
      prepare: async (report) => ({
        SITE_DIRECTORY: process.env.CLOUD_DESIGN_SITE ?? (await buildOrExplain(report)),
      }),
      healthPath: "/",
    }),
    nodePart({
      name: "status-probe",
      // The probe starts after everything that it checks: otherwise each start would be recorded in the history as an outage.
      needs: ["site", "gateway", "inventory", "billing", "order-bridge"],
      port: 0,
      metricsPort: ports["status-probe-metrics"],
      entry: "local/src/stand-ins/event-bridge/main.ts",
      env: {
        ...site,
        ...s3,
        ...orders,
        COGNITO_JWKS_URL,
        TOKEN_URL: `${identityUrl}/oauth2/token`,
        CLIENT_ID: PROGRAM_CLIENTS.probe.id,
        CLIENT_SECRET: PROGRAM_CLIENTS.probe.secret,
        INVENTORY_URL: inventoryUrl,
        BILLING_URL: billingUrl,
        AMQP_URL: amqpUrl,
        BUCKET,
        DEAD_LETTERS_QUEUE_URL: queueUrl(settings, "orders-dead-letters"),
        // The stand-in of S3 serves one log only, under any group name.
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: local(ports.s3),
        GATEWAY_LOG_GROUP: "gateway",
        INTERVAL_SECONDS: PROBE_SECONDS,
      },
    }),
  ];
  const collector = { collector: telemetry.name, url: local(ports.telemetry) };
  return [
    telemetry,
    ...others.map((part) => (TRACED.includes(part.name) ? observed(part, collector) : part)),
  ];
}

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function queueUrl({ ports }: Settings, name: string): string {
  return `${local(ports.sqs)}/000000000000/${name}`;
}

function serviceUrl({ adminUrl }: Server, database: string, credentials: string): string {
  const url = new URL(databaseUrl(adminUrl, database));
  const [user = "", password = ""] = credentials.split(":");
  url.username = user;
  url.password = password;
  return url.href;
}

function summary({ ports }: Settings): string[] {
  const api = `http://localhost:${ports.gateway}`;
  const site = `http://localhost:${ports.site}`;
  const row = (name: string, value: string) => `  ${name.padEnd(12)}${value}`;
  return [
    "",
    pc.bold("The platform is ready."),
    "",
    row("API", `${api}/api/movies`),
    row("docs", site),
    row("status", `${site}/status`),
    row("live view", `${site}/live`),
    row("tokens", `${COMMAND_LINE} token -- admin`),
    row("users", `${USER_NAMES.join(", ")} (password ${PASSWORD})`),
    row("parts", `${COMMAND_LINE} ops -- ps`),
    "",
    pc.dim("# Get a token"),
    `TOKEN=$(${COMMAND_LINE} token)`,
    "",
    pc.dim("# Post an order"),
    `curl -s ${api}/api/billing -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d '{"user_id": "3", "number_of_items": "5", "total_amount": "180"}'`,
    "",
    pc.dim("Ctrl-C stops everything; your data is there at the next start."),
  ];
}
