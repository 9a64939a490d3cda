import { execFile } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { AWS_ENVIRONMENT } from "@cloud-design/local/platform/service-parts";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { HELP_FLAG, parseFlags, printHelp } from "@cloud-design/local/supervisor/flags";
import { table } from "@cloud-design/local/terminal/table";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import * as z from "zod";

const HELP = `npm run bench [-- --json]
  what telemetry costs the gateway: CPU time of a cold start and of an accepted order, without it and with it`;

/** Odd, for a median. The variants take turns in each round, so that other load on the machine affects all of them alike. */
const ROUNDS = 11;
const ORDERS = 1_000;

/** No process listens there: a datagram is sent anyway, and sending is the cost to measure. */
const ON_AWS = { AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000", METRICS_NAMESPACE: "cloud-design/bench" };
const VARIANTS = [
  { name: "without telemetry", isTraced: false, environment: {} },
  {
    name: "with it, nothing sampled",
    isTraced: true,
    environment: { ...ON_AWS, OTEL_TRACES_SAMPLER_ARG: "0" },
  },
  { name: "with it, all sampled", isTraced: true, environment: ON_AWS },
] as const;
const Measured = z.object({
  coldStart: z.object({ cpu: z.number(), wall: z.number() }),
  requestMs: z.number(),
});

/** `npm run bench`: the gateway's bundle as SST makes it, in a new process each time. */
export async function run(args: string[]): Promise<number> {
  const { values } = parseFlags("npm run bench", args, {
    json: { type: "boolean" },
    ...HELP_FLAG,
  });
  if (values.help) return printHelp(HELP);
  const terminal = openTerminal(values.json ? process.stderr : process.stdout, ["bench"]);
  await using directory = await temporaryDirectory();
  const runs = VARIANTS.map(() => [] as z.output<typeof Measured>[]);
  const bundles = await Promise.all(VARIANTS.map(({ isTraced }) => bundle(directory.path, isTraced)));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { environment }] of VARIANTS.entries()) {
      terminal.doing("bench", `round ${round + 1} of ${ROUNDS}`);
      runs[index]?.push(await measure(bundles[index] ?? "", environment));
    }
  }
  terminal.done("bench", `median of ${ROUNDS} processes and ${ORDERS} orders in each`);
  const results = VARIANTS.map(({ name }, index) => ({
    variant: name,
    bundleKb: Math.round(statSync(bundles[index] ?? "").size / 1_000),
    coldStartCpuMs: median(runs[index]?.map(({ coldStart }) => coldStart.cpu)),
    coldStartWallMs: median(runs[index]?.map(({ coldStart }) => coldStart.wall)),
    requestCpuMs: median(runs[index]?.map(({ requestMs }) => requestMs)),
  }));
  if (values.json) console.log(JSON.stringify(results, null, 2));
  else console.log(`\n${table(rowsOf(results), [1, 2, 3, 4])}`);
  return 0;
}

function rowsOf(
  results: readonly { variant: string; bundleKb: number; [figure: string]: number | string }[],
): string[][] {
  const header = ["gateway", "bundle, KB", "cold start, CPU ms", "cold start, ms", "an order, CPU ms"];
  return [header, ...results.map((result) => Object.values(result).map(String))];
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
    external: isTraced ? ["@opentelemetry/exporter-*"] : [],
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

async function measure(file: string, environment: Record<string, string>) {
  const child = join(import.meta.dirname, "../bench/invocations.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [child, file, String(ORDERS)], {
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...AWS_ENVIRONMENT,
      ...environment,
      INVENTORY_URL: "http://127.0.0.1:1",
      BILLING_URL: "http://127.0.0.1:1",
      SITE_URL: "http://localhost:4000",
      ORDER_ID_SECRET: "of a gateway that nobody will ask for anything",
    },
  });
  // The gateway's log and metrics are printed beside it.
  const line = stdout.split("\n").find((text) => text.startsWith('{"coldStart"'));
  return Measured.parse(JSON.parse(line ?? ""));
}

function median(values: readonly number[] = []): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return Number(middle.toPrecision(3));
}
