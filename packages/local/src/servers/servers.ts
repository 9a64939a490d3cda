import { join } from "node:path";
import type { Secrets } from "../platform/secrets.ts";
import type { Settings } from "../platform/settings.ts";
import type { ExternalPart } from "../supervisor/fleet.ts";
import type { Part } from "../supervisor/part.ts";
import { elsewhere } from "./elsewhere.ts";
import { postgresPart } from "./postgres.ts";
import { rabbitmqPart } from "./rabbitmq.ts";

/** A server that belongs to this clone, or one that the environment names. */
export interface Server {
  /** The URL of its administrator. */
  adminUrl: string;
  part?: Part;
  external?: ExternalPart;
}

/** Both databases and the broker: `DATABASE_URL_MOVIES`, `DATABASE_URL_ORDERS` and `AMQP_URL` each name one that runs already. */
export function servers({
  settings,
  state,
  secrets,
}: {
  settings: Settings;
  state: string;
  secrets: Secrets;
}) {
  const database = (name: "inventory-database" | "billing-database", variable: string): Server => {
    const port = settings.ports[name];
    return (
      named(name, variable, ["postgres:", "postgresql:"]) ?? {
        adminUrl: `postgres://postgres:${secrets.databaseAdmin}@127.0.0.1:${port}/postgres`,
        part: postgresPart({ name, port, directory: join(state, name), password: secrets.databaseAdmin }),
      }
    );
  };
  const { rabbitmq: port, epmd: epmdPort, "rabbitmq-distribution": distributionPort } = settings.ports;
  const user = "cloud-design";
  const broker: Server = named("rabbitmq", "AMQP_URL", ["amqp:", "amqps:"]) ?? {
    adminUrl: `amqp://${user}:${secrets.rabbitmq}@127.0.0.1:${port}`,
    part: rabbitmqPart({
      port,
      epmdPort,
      distributionPort,
      directory: join(state, "rabbitmq"),
      user,
      password: secrets.rabbitmq,
    }),
  };
  return {
    inventoryDatabase: database("inventory-database", "DATABASE_URL_MOVIES"),
    billingDatabase: database("billing-database", "DATABASE_URL_ORDERS"),
    broker,
  };
}

function named(name: string, variable: string, protocols: readonly string[]): Server | undefined {
  const found = elsewhere(name, variable, protocols);
  return found && { adminUrl: found.url, external: found.external };
}
