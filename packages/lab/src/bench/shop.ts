import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { AWS_ENVIRONMENT, billingPart, inventoryPart } from "@cloud-design/local/platform/service-parts";
import { ROOT } from "@cloud-design/local/platform/settings";
import { freePort } from "@cloud-design/local/servers/free-port";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { askControl } from "@cloud-design/local/supervisor/control";
import { lastLines } from "@cloud-design/local/supervisor/log-file";
import type { Part } from "@cloud-design/local/supervisor/part";
import { startPart } from "@cloud-design/local/supervisor/process";
import { processorSeconds } from "@cloud-design/local/supervisor/process-table";
import { settingsOf } from "@cloud-design/stage/settings";
import postgres from "postgres";
import * as z from "zod";
import { freePorts, launch } from "../launch.ts";
import { leaveBySignal } from "../leave.ts";
import { listen } from "./listen.ts";

const Description = z.object({
  parts: z.record(z.string(), z.object({ url: z.string() })),
  databases: z.object({
    movies: z.object({ url: z.string(), adminUrl: z.string() }),
    orders: z.object({ url: z.string(), adminUrl: z.string() }),
  }),
  broker: z.object({ url: z.string() }),
  ports: z.object({ s3: z.number() }),
  queues: z.object({ orders: z.string() }),
});

/** A platform of its own, beside which single services and their bare counterparts run on the same tables and the same queue. */
export interface Shop extends AsyncDisposable {
  gatewayUrl: string;
  brokerUrl: string;
  moviesUrl: string;
  ordersUrl: string;
  /** As the databases' administrator. */
  movies: postgres.Sql;
  orders: postgres.Sql;
  /** A token of an administrator, valid for 15 minutes. */
  token(): Promise<string>;
  /** Stops or starts a part of the platform. */
  ops(verb: "stop" | "start", part: string): Promise<void>;
  /** The service as it runs in its container: bundled, with prod's settings of traces and metrics. */
  service(name: "inventory" | "billing", env?: Readonly<Record<string, string>>): Promise<Running>;
  /** One more process of import loaders, beside the platform's own. */
  loaders(): Promise<Running>;
  bare(entry: "bare-server" | "bare-consumer", env: Readonly<Record<string, string>>): Promise<Running>;
}

export interface Running extends AsyncDisposable {
  url: string;
  /** The processor time that it has used, in milliseconds; 0 where the system does not tell. */
  processorMs(): number;
  /** Undefined while the process runs; later the end of its log. */
  lastWords(): string | undefined;
}

export async function openShop(say: (doing: string) => void): Promise<Shop> {
  const stack = new AsyncDisposableStack();
  const leave = leaveBySignal(stack);
  try {
    const { path: directory } = stack.use(await temporaryDirectory());
    say("starting a platform");
    const { child, platform, exited } = await launch(join(directory, "platform"), [
      "--no-seed",
      ...(await freePorts()),
    ]);
    stack.defer(async () => {
      child.kill("SIGTERM");
      await exited;
    });
    const { parts, databases, broker, ports, queues } = Description.parse(platform);
    const [movies, orders] = [databases.movies, databases.orders].map(({ adminUrl }) =>
      postgres(adminUrl, { max: 1, onnotice: () => {} }),
    ) as [postgres.Sql, postgres.Sql];
    stack.defer(async () => void (await Promise.all([movies.end(), orders.end()])));
    say("bundling the services");
    await Promise.all(["inventory", "billing"].map((name) => bundle(name, bundleOf(name))));
    const collector = stack.use(await openCollector());
    const identityUrl = parts.identity?.url ?? "";
    const siteUrl = parts.site?.url ?? "";

    function bundleOf(name: string) {
      return join(directory, `${name}.mjs`);
    }
    async function run(part: Part, file: string, env: Readonly<Record<string, string>>): Promise<Running> {
      const command = () => {
        const usual = part.command();
        return { ...usual, args: [file], env: { ...usual.env, ...env } };
      };
      const logFile = join(directory, `${part.name}.log`);
      const running = await startPart({ ...part, command }, { logFile });
      stack.defer(running.kill);
      let hasExited = false;
      void running.exited.then(() => {
        hasExited = true;
      });
      return {
        url: part.url,
        processorMs: () => processorSeconds([running.pid]) * 1_000,
        lastWords: () => (hasExited ? lastLines(logFile, SHOWN_LINES).join("\n") : undefined),
        [Symbol.asyncDispose]: () => running.stop(),
      };
    }
    return {
      gatewayUrl: parts.gateway?.url ?? "",
      brokerUrl: broker.url,
      moviesUrl: databases.movies.url,
      ordersUrl: databases.orders.url,
      movies,
      orders,
      token: async () => (await accessToken({ identityUrl, user: "admin" })).accessToken,
      ops: async (verb, part) =>
        void (await askControl(join(directory, "platform"), "POST", `/parts/${part}/${verb}`)),
      async service(name, env = {}) {
        const options = { port: await freePort(), siteUrl, identityUrl, amqpUrl: broker.url };
        const part =
          name === "inventory"
            ? inventoryPart({
                ...options,
                databaseUrl: databases.movies.url,
                sqsUrl: new URL(queues.orders).origin,
                webhookSecret: randomBytes(24).toString("hex"),
              })
            : billingPart({ ...options, databaseUrl: databases.orders.url });
        return run(part, bundleOf(name), {
          ...AS_ON_AWS,
          OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
          ...env,
        });
      },
      loaders: () =>
        run(bareOf("import-loader", 0), LOADER, {
          ...AWS_ENVIRONMENT,
          AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${ports.s3}`,
          AWS_ENDPOINT_URL_SQS: new URL(queues.orders).origin,
          IMPORTS_BUCKET: "imports",
          IMPORT_CHUNKS_QUEUE_URL: queues.orders.replace(/orders$/, "import-chunks"),
          DATABASE_URL: databases.movies.url,
        }),
      async bare(entry, env) {
        const port = await freePort();
        return run(bareOf(entry, port), join(import.meta.dirname, `${entry}.ts`), {
          PORT: String(port),
          ...env,
        });
      },
      [Symbol.asyncDispose]: leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

const SHOWN_LINES = 15;
const LOADER = join(ROOT, "packages/local/src/stand-ins/sqs-event-source/import-loader/main.ts");

/** A task of prod also counts and traces, with these settings. */
const AS_ON_AWS = {
  METRICS_NAMESPACE: "cloud-design/bench",
  OTEL_TRACES_SAMPLER_ARG: String(settingsOf("hardened").traceShare),
};

async function bundle(service: string, file: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, "packages/containers/bundle.ts"), service, file]);
}

function bareOf(name: string, port: number): Part {
  return {
    name,
    needs: [],
    port,
    url: `http://127.0.0.1:${port}`,
    command: () => ({ file: process.execPath, args: [], env: { PATH: process.env.PATH ?? "" } }),
    isReady: async () => name !== "bare-server" || (await fetch(`http://127.0.0.1:${port}/api/movies`)).ok,
    readySeconds: 30,
    stopSignal: "SIGTERM",
    stopSeconds: 5,
  };
}

/** Accepts all traces and drops them: on AWS the collector runs on processors of its own. */
function openCollector(): Promise<AsyncDisposable & { url: string }> {
  return listen((request, response) => request.resume().once("end", () => response.end("{}")));
}
