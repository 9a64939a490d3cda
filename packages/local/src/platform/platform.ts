import { databaseUrl, migrate } from "@cloud-design/core/migrate";
import { seed } from "../seed/seed.ts";
import { elsewhere } from "../servers/elsewhere.ts";
import { type Server, servers } from "../servers/servers.ts";
import { stateDirectory } from "../servers/state-directory.ts";
import { MACHINE_CLIENT, WEB_CLIENT } from "../stand-ins/cognito/people.ts";
import { type Part, SetupError } from "../supervisor/part.ts";
import type { Supervision, Task } from "../supervisor/supervisor.ts";
import { laneUrls, local, metricsUrl, queueUrl } from "./addresses.ts";
import { observed } from "./node-part.ts";
import * as parts from "./parts.ts";
import { REGION } from "./region.ts";
import { loadSecrets } from "./secrets.ts";
import { USER_POOL_ID } from "./service-parts.ts";
import type { Copied, Settings } from "./settings.ts";
import { summary } from "./summary.ts";

/** Everything that AWS would run, as processes on this machine. */
export async function platform(settings: Settings): Promise<Omit<Supervision, "settings">> {
  const state = stateDirectory(settings.directory);
  const secrets = loadSecrets(state);
  const { inventoryDatabase, billingDatabase, broker } = servers({ settings, state, secrets });
  const inventory = elsewhere("inventory", "INVENTORY_URL", ["http:", "https:"]);
  const billing = elsewhere("billing", "BILLING_URL", ["http:", "https:"]);
  if (inventory) refuseCopies(settings, "inventory");
  if (billing) refuseCopies(settings, "billing");
  const own = [inventoryDatabase, billingDatabase, broker];
  const external = [...own, inventory, billing].flatMap((part) => part?.external ?? []);
  const moviesUrl = serviceUrl(inventoryDatabase, "movies", `inventory:${secrets.inventory}`);
  const ordersUrl = serviceUrl(billingDatabase, "orders", `billing:${secrets.billing}`);
  const siteUrl = `http://localhost:${settings.ports.site}`;
  const inventoryUrl = inventory?.url ?? local(settings.ports.inventory);

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
    needs: [
      "gateway",
      "inventory",
      "billing",
      "order-bridge",
      "identity",
      "import-splitter",
      "import-loader",
    ],
    run: (report) =>
      seed({
        gatewayUrl: local(settings.ports.gateway),
        inventoryUrl,
        identityUrl: local(settings.ports.identity),
        state,
        report,
      }),
  };
  const processes = processesOf({
    settings,
    state,
    siteUrl,
    moviesUrl,
    ordersUrl,
    inventoryUrl,
    billingUrl: billing?.url ?? local(settings.ports.billing),
    amqpUrl: broker.adminUrl,
    orderIdSecret: secrets.orderId,
    webhookSecret: secrets.webhooks,
  }).filter((part) => !external.some(({ name }) => name === part.name));
  return {
    parts: [...own.flatMap(({ part }) => part ?? []), ...processes],
    tasks: [migrations, ...(settings.seed ? [demoData] : [])],
    external,
    extra: {
      ports: settings.ports,
      databases: {
        movies: { url: moviesUrl, adminUrl: databaseUrl(inventoryDatabase.adminUrl, "movies") },
        orders: { url: ordersUrl, adminUrl: databaseUrl(billingDatabase.adminUrl, "orders") },
      },
      broker: { url: broker.adminUrl },
      metrics: Object.fromEntries(
        processes.flatMap(({ name, otherPorts }) =>
          otherPorts?.metrics === undefined ? [] : [[name, metricsUrl(otherPorts.metrics)]],
        ),
      ),
      queues: {
        orders: laneUrls(settings).standard,
        lanes: laneUrls(settings),
        deadLetters: queueUrl(settings, "orders-dead-letters"),
        webhookDeliveries: queueUrl(settings, "webhook-deliveries"),
        webhookRetries: queueUrl(settings, "webhook-retries"),
        webhookDeadLetters: queueUrl(settings, "webhook-dead-letters"),
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

function refuseCopies({ copies }: Settings, noun: Copied): void {
  if (copies[noun] === 1) return;
  throw new SetupError(
    `${noun} runs elsewhere, as ${noun.toUpperCase()}_URL says: leave out --${noun} ${copies[noun]}.`,
  );
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

/** All processes of our own, each started from the file that its container or function has. */
function processesOf(wiring: parts.Wiring): Part[] {
  const collector = { collector: "telemetry", url: local(wiring.settings.ports.telemetry) };
  const traced = (part: Part) => observed(part, collector);
  return [
    parts.telemetry(wiring),
    parts.sqs(wiring),
    parts.identity(wiring),
    ...parts.inventory(wiring).map(traced),
    ...parts.billing(wiring).map(traced),
    traced(parts.orderBridge(wiring)),
    traced(parts.importSplitter(wiring)),
    traced(parts.importLoader(wiring)),
    parts.webhookDelivery(wiring),
    traced(parts.gateway(wiring)),
    parts.site(wiring),
    traced(parts.statusProbe(wiring)),
  ];
}

function serviceUrl({ adminUrl }: Server, database: string, credentials: string): string {
  const url = new URL(databaseUrl(adminUrl, database));
  const [user = "", password = ""] = credentials.split(":");
  url.username = user;
  url.password = password;
  return url.href;
}
