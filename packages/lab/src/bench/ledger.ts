import { spawn } from "node:child_process";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { beginLedger } from "@cloud-design/functions/status-probe/ledger";
import { openCloudWatch, orderIds } from "@cloud-design/functions/status-probe/testing/cloud-watch";
import { AWS_ENVIRONMENT } from "@cloud-design/local/platform/service-parts";
import * as z from "zod";
import { type Figure, figureOf } from "./figure.ts";
import { listen } from "./listen.ts";
import type { Shop } from "./shop.ts";

const RATES = [100, 1_000, 5_000];
const MINUTE = 60_000;
/** As far back as the first run reads. */
const LOG_MINUTES = 4;
/** Less than a minute, with the other parts of a run. */
const TARGET_SECONDS = 38;

const Run = z.object({
  seconds: z.number(),
  processorSeconds: z.number(),
  megabytes: z.number(),
  hasVerdict: z.boolean(),
  behindSeconds: z.number(),
  state: z.string(),
});
type Run = z.output<typeof Run>;

/**
 * A run of the status probe's ledger a minute after another one, with a stand-in for CloudWatch that has the real quota
 * and page limits, and billing's rows for all orders.
 */
export async function measureLedger(shop: Shop, say: (doing: string) => void): Promise<Figure[]> {
  const ids = orderIds(Math.max(...RATES) * 60 * LOG_MINUTES);
  say(`filling the table with ${ids.length.toLocaleString("en")} orders`);
  await record(shop, ids.length);
  await using billing = await shop.service("billing");
  const figures = [];
  for (const rate of RATES) {
    // biome-ignore lint/plugin: where the log ends, whose lines carry wall time.
    const now = Date.now();
    const from = now - LOG_MINUTES * MINUTE;
    const orders = ids.slice(0, rate * 60 * LOG_MINUTES).map((id, index) => ({
      id,
      at: from + Math.floor((index * 1_000) / rate),
    }));
    const run = async (at: number, state: string) => {
      const known = orders.filter((order) => order.at <= at);
      return runOnce(known, { billingUrl: billing.url, token: await shop.token(), now: at, state });
    };
    say(`${rate} orders/s, the run before`);
    const first = await run(now - MINUTE, JSON.stringify(beginLedger(from)));
    say(`${rate} orders/s`);
    figures.push(figureIn(rate, await run(now, first.state)));
  }
  await shop.orders`TRUNCATE orders`;
  return figures;
}

function figureIn(rate: number, { seconds, used, ...run }: Awaited<ReturnType<typeof runOnce>>): Figure {
  const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;
  return figureOf(
    {
      name: `ledger: a minute's run at ${rate.toLocaleString("en")} orders/s`,
      unit: "s",
      target: rate > 1_000 ? undefined : { atMost: TARGET_SECONDS },
      also: [
        run.hasVerdict ? "a verdict" : `no verdict, ${run.behindSeconds.toFixed(0)} s behind`,
        `${used.calls} calls of CloudWatch and ${used.throttled} refused`,
        `${megabytes(used.bytes)} read`,
        `CPU ${run.processorSeconds.toFixed(1)} s`,
        `${run.megabytes.toFixed(0)} MB of memory`,
        `state ${megabytes(run.state.length)}`,
      ].join(", "),
    },
    { ours: [seconds] },
  );
}

async function record({ orders: sql }: Shop, count: number): Promise<void> {
  await sql`TRUNCATE orders`;
  // As `orderIds`.
  await sql`
    INSERT INTO orders (id, user_id, number_of_items, total_amount)
    SELECT 'ord_' || left(translate(encode(sha256(number::text::bytea), 'base64'), '+/', '-_'), 40), 1, 1, 1
    FROM generate_series(0, ${count - 1}::int) AS number`;
  await sql`VACUUM ANALYZE orders`;
}

async function runOnce(
  orders: Parameters<typeof openCloudWatch>[0],
  input: { billingUrl: string; token: string; now: number; state: string },
): Promise<Run & Pick<ReturnType<typeof openCloudWatch>, "used">> {
  const { askPage, used } = openCloudWatch(orders);
  await using server = await listen(async (request, response) => {
    const question = (await json(request)) as Parameters<typeof askPage>[0];
    response.setHeader("content-type", "application/x-amz-json-1.1");
    try {
      response.end(JSON.stringify(await askPage(question)));
    } catch (error) {
      response.statusCode = 400;
      response.end(JSON.stringify({ __type: error instanceof Error ? error.name : "" }));
    }
  });
  const child = spawn(process.execPath, [join(import.meta.dirname, "ledger-run.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...AWS_ENVIRONMENT, AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url },
  });
  child.stdin.end(JSON.stringify(input));
  return { ...Run.parse(await json(child.stdout)), used };
}
