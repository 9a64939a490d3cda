import { join } from "node:path";
import { billingPart, inventoryPart, orderBridgePart } from "@cloud-design/local/platform/service-parts";
import type { Part } from "@cloud-design/local/supervisor/part";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import * as z from "zod";
import { arnOf, type Databases, newPassword, openSecrets, type PutPassword } from "./fleet-secrets.ts";
import { openService, type Service, stopInOrder } from "./fleet-service.ts";
import type { Lab } from "./lab.ts";
import { startProcess } from "./start-process.ts";

const TASKS = 2;
const REPLACED = ["inventory", "billing", "order-bridge"];

const Platform = z.object({
  parts: z.record(z.string(), z.object({ port: z.number(), url: z.string() })),
  ports: z.object({ s3: z.number() }),
  databases: z.object({
    movies: z.object({ url: z.string(), adminUrl: z.string() }),
    orders: z.object({ url: z.string(), adminUrl: z.string() }),
  }),
});

/** Two tasks of both services, behind the addresses that the gateway knows, and the bridge; their passwords are in Secrets Manager, as on AWS. */
export interface Fleet extends AsyncDisposable {
  inventory: Service;
  billing: Service;
  databases: Databases;
  /** Starts another process of the bridge after the first one has drained. */
  replaceBridge(): Promise<void>;
  /** Puts another password into a secret. The server that checks it must be changed too. */
  putPassword: PutPassword;
}

/** Replaces the platform's own services and bridge until it is disposed of. */
export async function openFleet(lab: Lab): Promise<Fleet> {
  const resources = new AsyncDisposableStack();
  try {
    const { parts, ports, databases } = Platform.parse(readPlatform(lab.directory));
    for (const part of REPLACED) resources.defer(() => lab.ops("start", part));
    await Promise.all(REPLACED.map((part) => lab.ops("stop", part)));
    const { env, putPassword } = await openSecrets(lab, databases, resources);
    const amqpUrl = `amqp://127.0.0.1:${lab.broker.proxy.port}`;
    const broker = { AMQP_SECRET_ARN: arnOf("broker") };
    const common = {
      siteUrl: parts.site?.url ?? "",
      identityUrl: `http://127.0.0.1:${parts.identity?.port}`,
    };
    const webhookSecret = newPassword();
    const open = (noun: Service["noun"], partOf: (name: string, port: number) => Part) =>
      openService({ noun, partOf, tasks: TASKS, ...place(lab, parts[noun]?.port ?? 0) }, resources);
    const [inventory, billing, replaceBridge] = await Promise.all([
      open("inventory", (name, port) =>
        inventoryPart({
          name,
          port,
          ...common,
          sqsUrl: new URL(lab.queues.orders).origin,
          webhookSecret,
          databaseUrl: withoutLogin(databases.movies.url),
          amqpUrl,
          env: {
            ...env,
            ...broker,
            DATABASE_SECRET_ARN: arnOf("inventory"),
            AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${ports.s3}`,
          },
        }),
      ),
      open("billing", (name, port) =>
        billingPart({
          name,
          port,
          ...common,
          databaseUrl: withoutLogin(databases.orders.url),
          amqpUrl,
          env: { ...env, ...broker, DATABASE_SECRET_ARN: arnOf("billing") },
        }),
      ),
      openBridge(
        orderBridgePart({ queueUrls: lab.queues.lanes, amqpUrl, env: { ...env, ...broker } }),
        place(lab, 0).logDirectory,
        resources,
      ),
    ]);
    return {
      inventory,
      billing,
      databases,
      replaceBridge,
      putPassword,
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    await resources.disposeAsync();
    throw error;
  }
}

/** Two processes of the bridge never run at once, as two versions of a Lambda function never poll with one event source mapping. */
async function openBridge(part: Part, logDirectory: string, resources: AsyncDisposableStack) {
  const start = () => startProcess(part, join(logDirectory, "order-bridge.log"));
  let running = await start();
  resources.defer(() => running.stop());
  return async () => {
    await stopInOrder(running);
    running = await start();
  };
}

function place(lab: Lab, port: number) {
  return { port, logDirectory: join(lab.directory, "fleet") };
}

function withoutLogin(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.username = "";
  url.password = "";
  return url.href;
}
