import { dirname, join } from "node:path";
import { databaseUrl, migrate } from "@cloud-design/core/migrate";
import { freePort } from "@cloud-design/local/servers/free-port";
import { postgresPart } from "@cloud-design/local/servers/postgres";
import { rabbitmqPart } from "@cloud-design/local/servers/rabbitmq";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { startPart } from "@cloud-design/local/supervisor/process";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The superuser's URL, for database `postgres`. */
    adminUrl: string;
    moviesUrl: string;
    ordersUrl: string;
    amqpUrl: string;
    postgresPid: number;
    rabbitmqPid: number;
    /** The broker's own tool, and the environment in which it finds this broker. */
    rabbitmqctl: { file: string; env: Record<string, string> };
  }
}

const PASSWORD = "only-for-tests";

/** One PostgreSQL with both databases, and one RabbitMQ, for all integration tests. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory();
  const [postgresPort, port, distributionPort, epmdPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const postgres = postgresPart({
    name: "postgres",
    port: postgresPort,
    directory: join(directory.path, "postgres"),
    password: PASSWORD,
  });
  const rabbitmq = rabbitmqPart({
    port,
    distributionPort,
    epmdPort,
    directory: join(directory.path, "rabbitmq"),
    user: "test",
    password: PASSWORD,
  });
  const running = await Promise.all(
    [postgres, rabbitmq].map((part) =>
      startPart(part, { logFile: join(directory.path, `${part.name}.log`) }),
    ),
  );
  const adminUrl = `postgres://postgres:${PASSWORD}@127.0.0.1:${postgresPort}/postgres`;
  await Promise.all([
    migrate("inventory", { adminUrl, servicePassword: PASSWORD }),
    migrate("billing", { adminUrl, servicePassword: PASSWORD }),
  ]);
  const serviceUrl = (role: string, database: string) =>
    databaseUrl(adminUrl, database).replace("postgres:only", `${role}:only`);
  project.provide("adminUrl", adminUrl);
  project.provide("moviesUrl", serviceUrl("inventory", "movies"));
  project.provide("ordersUrl", serviceUrl("billing", "orders"));
  project.provide("amqpUrl", `amqp://test:${PASSWORD}@127.0.0.1:${port}`);
  project.provide("postgresPid", running[0]?.pid ?? 0);
  project.provide("rabbitmqPid", running[1]?.pid ?? 0);
  const { args, env } = rabbitmq.command();
  project.provide("rabbitmqctl", { file: join(dirname(args.at(-1) ?? ""), "rabbitmqctl"), env: { ...env } });
  return async () => {
    await Promise.all(running.map((part) => part.stop()));
    await directory[Symbol.asyncDispose]();
  };
}
