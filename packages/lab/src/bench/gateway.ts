import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { byLane, LANES } from "@cloud-design/core/billing/lanes";
import { NEVER_LOADED } from "@cloud-design/functions/never-loaded";
import { AWS_ENVIRONMENT } from "@cloud-design/local/platform/service-parts";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import * as z from "zod";
import { type Figure, figureOf, type Target } from "./figure.ts";
import { listen } from "./listen.ts";
import { spreadOf } from "./rounds.ts";

/** Odd, for a median. The variants take turns in each round, so that other load on the machine affects all of them alike. */
const ROUNDS = 11;
const ORDERS = 1_000;

/** No process listens there: a datagram is sent anyway, and sending is the cost to measure. */
const ON_AWS = { AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000", METRICS_NAMESPACE: "cloud-design/bench" };
const UNSAMPLED = { ...ON_AWS, OTEL_TRACES_SAMPLER_ARG: "0" };
type Kind = "read" | "order";

/** The last three differ by the cost of telemetry. */
const VARIANTS: {
  name: string;
  kind: Kind;
  isTraced: boolean;
  orders: number;
  env: Record<string, string>;
  target?: Target;
}[] = [
  { name: "read", kind: "read", isTraced: true, orders: 0, env: UNSAMPLED, target: { atMost: 45 } },
  { name: "order", kind: "order", isTraced: true, orders: ORDERS, env: UNSAMPLED, target: { atMost: 75 } },
  { name: "order, every trace kept", kind: "order", isTraced: true, orders: ORDERS, env: ON_AWS },
  { name: "order, without telemetry", kind: "order", isTraced: false, orders: ORDERS, env: {} },
];
const Measured = z.object({
  coldStart: z.object({ cpu: z.number(), wall: z.number(), firstRequest: z.number() }),
  requestMs: z.number(),
});
type Measured = z.output<typeof Measured>;

/** The gateway's bundle as SST makes it, in a new process each time. */
export async function measureGateway(say: (doing: string) => void): Promise<Figure[]> {
  await using directory = await temporaryDirectory();
  await using behind = await openBehind();
  const [traced = "", bare = ""] = await Promise.all(
    [true, false].map((isTraced) => bundle(directory.path, isTraced)),
  );
  const runs = VARIANTS.map(() => [] as Measured[]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, variant] of VARIANTS.entries()) {
      say(`round ${round + 1} of ${ROUNDS}, ${variant.name}`);
      runs[index]?.push(await measure(variant.isTraced ? traced : bare, behind.url, variant));
    }
  }
  const kilobytes = (file: string) => Math.round(statSync(file).size / 1_000);
  return [
    figureOf(
      {
        name: "gateway: bundle",
        unit: "KB",
        target: { atMost: 350 },
        also: `${kilobytes(bare)} KB without telemetry`,
      },
      { ours: [kilobytes(traced)] },
    ),
    ...VARIANTS.map(({ name, target }, index) => {
      const measured = runs[index] ?? [];
      const [cpu, first] = (["cpu", "firstRequest"] as const).map(
        (part) => spreadOf(measured.map(({ coldStart }) => coldStart[part])).median,
      ) as [number, number];
      return figureOf(
        {
          name: `gateway: cold start, ${name}`,
          unit: "ms",
          target,
          also: `first request ${first.toFixed(0)} ms, CPU ${cpu.toFixed(0)} ms`,
        },
        { ours: measured.map(({ coldStart }) => coldStart.wall) },
      );
    }),
    ...VARIANTS.flatMap(({ name, orders }, index) =>
      orders === 0
        ? []
        : [
            figureOf(
              { name: `gateway: CPU time of a later ${name}`, unit: "ms" },
              { ours: (runs[index] ?? []).map(({ requestMs }) => requestMs) },
            ),
          ],
    ),
  ];
}

/** For a bundle without telemetry, an empty module replaces it. */
async function bundle(directory: string, isTraced: boolean): Promise<string> {
  const { build } = await import("esbuild"); // not needed for the help
  const outfile = join(directory, `gateway-${isTraced}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["packages/functions/src/gateway/lambda.ts"],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    logLevel: "error",
    external: [...NEVER_LOADED],
    banner: {
      js: 'import { createRequire as topLevelRequire } from "node:module"; const require = topLevelRequire(import.meta.url);',
    },
    alias: isTraced
      ? {}
      : {
          "@cloud-design/telemetry": "./packages/lab/src/bench/no-telemetry.ts",
          "@cloud-design/telemetry/env": "./packages/telemetry/src/env.ts",
        },
  });
  return outfile;
}

/** Enough of SQS for sending, whose callers compare the digest, and enough of inventory for reading. */
async function openBehind(): Promise<AsyncDisposable & { url: string }> {
  return listen(async (request, response) => {
    if (request.method === "GET")
      return response
        .setHeader("content-type", "application/json")
        .end('{"id":1,"title":"Playtime","description":""}\n');
    const { MessageBody } = Sent.parse(JSON.parse(await text(request)));
    const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(JSON.stringify({ MessageId: "1", MD5OfMessageBody }));
  });
}

const Sent = z.object({ MessageBody: z.string() });

async function measure(
  file: string,
  behindUrl: string,
  { kind, orders, env }: { kind: Kind; orders: number; env: Record<string, string> },
): Promise<Measured> {
  const child = join(import.meta.dirname, "invocations.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [child, file, kind, String(orders)], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...AWS_ENVIRONMENT,
      ...env,
      AWS_ENDPOINT_URL_SQS: behindUrl,
      ORDERS_QUEUE_URLS: JSON.stringify(byLane((lane) => `${behindUrl}/000000000000/${LANES[lane].sqs}`)),
      INVENTORY_URL: behindUrl,
      BILLING_URL: "http://127.0.0.1:1",
      SITE_URL: "http://localhost:4000",
      ORDER_ID_SECRET: "of a gateway that nobody will ask for anything",
    },
  });
  // The gateway's log and metrics are printed beside it.
  const line = stdout.split("\n").find((text) => text.startsWith('{"coldStart"'));
  return Measured.parse(JSON.parse(line ?? ""));
}
