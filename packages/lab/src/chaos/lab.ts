import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SQSClient } from "@aws-sdk/client-sqs";
import { LANE_NAMES, type Lane } from "@cloud-design/core/billing";
import { REGION } from "@cloud-design/local/platform/region";
import { freePort } from "@cloud-design/local/servers/free-port";
import { postgresPart } from "@cloud-design/local/servers/postgres";
import { rabbitmqPart } from "@cloud-design/local/servers/rabbitmq";
import { run } from "@cloud-design/local/servers/run";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { askControl } from "@cloud-design/local/supervisor/control";
import { ManagedPart } from "@cloud-design/local/supervisor/managed-part";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { family, send } from "@cloud-design/local/supervisor/process-table";
import { reclaim } from "@cloud-design/local/supervisor/reclaim";
import postgres from "postgres";
import * as z from "zod";
import { freePorts, launch } from "../launch.ts";
import { leaveBySignal } from "../leave.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

const Description = z.object({
  parts: z.record(z.string(), z.object({ pid: z.number().nullable(), state: z.string(), url: z.string() })),
  databases: z.object({ movies: z.object({ adminUrl: z.string() }), orders: z.object({ url: z.string() }) }),
  queues: z.object({
    orders: z.string(),
    lanes: z.record(z.enum(LANE_NAMES), z.string()),
    deadLetters: z.string(),
    webhookDeliveries: z.string(),
    webhookRetries: z.string(),
    webhookDeadLetters: z.string(),
  }),
});

/** A server of the laboratory, with a proxy that imitates a network in front of it. */
export interface LabServer {
  part: ManagedPart;
  proxy: TcpProxy;
}

/** A whole platform for faults that come from outside: signals, the servers' own tools, SQL, and the network before the broker and the database. */
export interface Lab extends AsyncDisposable {
  /** The platform's CLOUD_DESIGN_LOCAL. */
  directory: string;
  gatewayUrl: string;
  /** A token of an ordinary user, valid for 15 minutes. */
  token: string;
  /** The same of a premium user. */
  premiumToken: string;
  renewTokens(): Promise<void>;
  broker: LabServer & {
    url: string;
    control(...args: string[]): Promise<string>;
    setPassword(verb: "add_user" | "change_password", user: string, password: string): Promise<string>;
  };
  ordersDatabase: LabServer & { url: string };
  /** The orders, as the database's administrator and not through the proxy. */
  sql: postgres.Sql;
  sqs: SQSClient;
  queues: {
    orders: string;
    lanes: Record<Lane, string>;
    deadLetters: string;
    webhookDeliveries: string;
    webhookRetries: string;
    webhookDeadLetters: string;
  };
  /** The URL with which the service billing signs in to the database of orders. */
  ordersUrl: string;
  /** The movies, as the database's administrator. */
  moviesAdminUrl: string;
  /** The output of the platform's supervisor since it was launched. */
  said(): string;
  /** Launches the platform again in the same directory with the same flags, once its supervisor is dead. */
  relaunch(): Promise<void>;
  /** The process of a part of the platform; 0 if it does not run. */
  pidOf(part: string): number;
  /** Kills a part of the platform or a server with -9, and resolves once it runs again: its supervisor starts it, as ECS does. */
  kill(victim: string | LabServer): Promise<void>;
  /** Stops every process of the victim, and lets them continue after this many seconds. */
  freeze(victim: string | LabServer, seconds: number): Promise<void>;
  ops(verb: "stop" | "start" | "restart", part: string): Promise<void>;
}

/**
 * Starts the platform with the broker and the database of orders behind proxies, and with these further settings. Takes some ten seconds.
 */
export async function openLab(
  say: (doing: string) => void,
  environment: Readonly<Record<string, string>> = {},
): Promise<Lab> {
  const stack = new AsyncDisposableStack();
  const leave = leaveBySignal(stack);
  try {
    const directory = stack.use(await temporaryDirectory()).path;
    say("starting RabbitMQ and PostgreSQL");
    const [broker, ordersDatabase] = await Promise.all([
      openBroker(directory, stack),
      openDatabase(directory, stack),
    ]);
    say("starting the platform");
    const platform = await launchPlatform(join(directory, "platform"), stack, {
      ...environment,
      AMQP_URL: broker.throughProxy,
      DATABASE_URL_ORDERS: ordersDatabase.throughProxy,
    });
    const { parts, queues, databases } = platform.description;
    const identityUrl = parts.identity?.url ?? "";
    const tokenOf = async (user: "ordinary" | "premium") =>
      (await accessToken({ identityUrl, user })).accessToken;
    const sql = postgres(ordersDatabase.url, { max: 2, onnotice: () => {} });
    stack.defer(() => sql.end({ timeout: 1 }));
    const sqs = new SQSClient({
      region: REGION,
      endpoint: new URL(queues.orders).origin,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    stack.defer(() => sqs.destroy());
    const lab: Lab = {
      ...control(join(directory, "platform")),
      gatewayUrl: parts.gateway?.url ?? "",
      broker,
      ordersDatabase,
      sql,
      sqs,
      queues,
      moviesAdminUrl: databases.movies.adminUrl,
      ordersUrl: databases.orders.url,
      said: platform.said,
      relaunch: platform.relaunch,
      token: await tokenOf("ordinary"),
      premiumToken: await tokenOf("premium"),
      async renewTokens() {
        lab.token = await tokenOf("ordinary");
        lab.premiumToken = await tokenOf("premium");
      },
      [Symbol.asyncDispose]: leave,
    };
    return lab;
  } catch (error) {
    await leave();
    throw error;
  }
}

async function launchPlatform(
  directory: string,
  stack: AsyncDisposableStack,
  environment: Record<string, string>,
) {
  const flags = ["--no-seed", ...(await freePorts())];
  const start = () => launch(directory, flags, environment);
  let launched = await start();
  stack.defer(async () => {
    launched.child.kill("SIGTERM");
    await launched.exited;
    // Stops the parts of a supervisor that was killed and could not be launched again.
    await reclaim(directory);
  });
  return {
    description: Description.parse(launched.platform),
    said: () => launched.said(),
    async relaunch() {
      launched = await start();
    },
  };
}

function control(directory: string): Pick<Lab, "directory" | "pidOf" | "kill" | "freeze" | "ops"> {
  const recordOf = (part: string) => readPlatform(directory)?.parts[part];
  const pidOf = (victim: string | LabServer) =>
    (typeof victim === "string" ? recordOf(victim) : victim.part.record)?.pid ?? 0;
  const stateOf = (victim: string | LabServer) =>
    (typeof victim === "string" ? recordOf(victim) : victim.part.record)?.state;
  return {
    directory,
    pidOf,
    async kill(victim) {
      // It may still be starting after another fault.
      await until("there is a process to kill", () => pidOf(victim) !== 0);
      const pid = pidOf(victim);
      // Its children first: otherwise those that lead groups of their own would become orphans.
      for (const member of family(pid).toReversed()) send(member, "SIGKILL");
      await until("what was killed runs again", () => pidOf(victim) !== pid && stateOf(victim) === "running");
    },
    async freeze(victim, seconds) {
      await until("there is a process to freeze", () => pidOf(victim) !== 0);
      const members = family(pidOf(victim));
      for (const member of members) send(member, "SIGSTOP");
      await sleep(seconds * 1_000);
      for (const member of members) send(member, "SIGCONT");
    },
    async ops(verb, part) {
      await askControl(directory, "POST", `/parts/${part}/${verb}`);
    },
  };
}

async function openBroker(directory: string, stack: AsyncDisposableStack) {
  const [port, distributionPort, epmdPort] = [await freePort(), await freePort(), await freePort()];
  const credentials = { user: "chaos", password: randomBytes(16).toString("hex") };
  const definition = rabbitmqPart({
    port,
    distributionPort,
    epmdPort,
    directory: join(directory, "rabbitmq"),
    ...credentials,
  });
  const server = await openServer(definition, port, directory, stack);
  const url = (at: number) => `amqp://${credentials.user}:${credentials.password}@127.0.0.1:${at}`;
  /** `rabbitmqctl` for this broker; a password goes through standard input and not through the arguments. */
  const ask = (args: string[], input?: string) => {
    const { args: command, env } = definition.command();
    const options = { env, ...(input !== undefined && { input }) };
    return run(join(dirname(command.at(-1) ?? ""), "rabbitmqctl"), ["--quiet", ...args], options);
  };
  return {
    ...server,
    url: url(port),
    throughProxy: url(server.proxy.port),
    control: (...args: string[]) => ask(args),
    setPassword: (verb: "add_user" | "change_password", user: string, password: string) =>
      ask([verb, user], `${password}\n`),
  };
}

async function openDatabase(directory: string, stack: AsyncDisposableStack) {
  const [port, password] = [await freePort(), randomBytes(16).toString("hex")];
  const definition = postgresPart({
    name: "orders-database",
    port,
    directory: join(directory, "postgres"),
    password,
  });
  const server = await openServer(definition, port, directory, stack);
  const url = (at: number, database: string) => `postgres://postgres:${password}@127.0.0.1:${at}/${database}`;
  return { ...server, url: url(port, "orders"), throughProxy: url(server.proxy.port, "postgres") };
}

async function openServer(
  definition: ConstructorParameters<typeof ManagedPart>[0],
  port: number,
  directory: string,
  stack: AsyncDisposableStack,
): Promise<LabServer> {
  const logFile = join(directory, "logs", `${definition.name}.log`);
  const part = new ManagedPart(definition, { logFile, say: () => {}, onChange: () => {} });
  stack.defer(async () => void (await part.stop()));
  await part.start(() => {});
  return { part, proxy: stack.use(await openTcpProxy(port)) };
}
