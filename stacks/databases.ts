import { stageSettings } from "@cloud-design/stage/preset";
import { type StackContext, use } from "sst/constructs";
import { copyBackups } from "./constructs/copies.ts";
import { credentialsOf } from "./constructs/credentials.ts";
import { createDatabaseServer, hostOf } from "./constructs/database-server.ts";
import { migrateOnDeploy } from "./constructs/migrations.ts";
import { ownKey } from "./constructs/own-key.ts";
import { personalDataFunction } from "./constructs/personal-data.ts";
import { Network } from "./network.ts";

/**
 * PostgreSQL for movies and orders, behind RDS Proxy in most stages. Tables and roles exist before the first service connects. In prod
 * each service has a server and a proxy; elsewhere both share one of each, and only their roles separate them.
 */
export function Databases({ stack, app }: StackContext) {
  const { vpc, groups } = use(Network);
  const settings = stageSettings(app.stage);
  const key = ownKey(stack, "Databases at rest", settings);
  // The services' credentials. The migrations set these passwords on the roles, and the proxies accept them.
  const credentials = {
    inventory: credentialsOf(stack, "InventoryCredentials", "inventory"),
    billing: credentialsOf(stack, "BillingCredentials", "billing"),
  };
  const shape = { vpc, groups, key, credentials, settings };
  const isShared = settings.databaseServers === 1;
  const inventory = createDatabaseServer(stack, isShared ? ["inventory", "billing"] : ["inventory"], shape);
  const billing = isShared ? inventory : createDatabaseServer(stack, ["billing"], shape);
  const servers = { inventory, billing };
  copyBackups(
    stack,
    [...new Set([inventory, billing])].map(({ instance }) => instance),
    settings,
  );
  migrateOnDeploy(stack, { servers, credentials, vpc, group: groups.migrate, settings });
  personalDataFunction(stack, { server: billing, vpc, group: groups.personalData, settings });
  return {
    servers,
    inventory: {
      url: `postgres://inventory@${hostOf(inventory)}:5432/movies?sslmode=verify-full`,
      credentials: credentials.inventory,
    },
    billing: {
      url: `postgres://billing@${hostOf(billing)}:5432/orders?sslmode=verify-full`,
      credentials: credentials.billing,
    },
  };
}
