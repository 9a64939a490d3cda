import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { ROOT } from "@cloud-design/local/platform/settings";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { askControl } from "@cloud-design/local/supervisor/control";
import { parseFlags } from "@cloud-design/local/supervisor/flags";
import { openTerminal } from "@cloud-design/local/terminal/terminal";
import { connect } from "amqplib";
import { chromium } from "playwright-core";
import postgres from "postgres";
import * as z from "zod";
import { startLoad } from "../chaos/load.ts";
import { until } from "../chaos/until.ts";
import { findChromium, launchBrowser } from "../chromium.ts";
import { freePorts, launch } from "../launch.ts";

export const PICTURE = "docs/images/live.png";
/** The width at which a README is read, with a density that keeps the file small. */
const VIEWPORT = { width: 1_200, height: 900 };
/** Enough to see the flow, little enough for any machine; orders a second, and as many reads. */
const PER_SECOND = 8;
/** Until the outage is no longer in the curves, which show a minute. */
const LOAD_SECONDS = 62;
const OUTAGE_SECONDS = 4;
const WHY = "the limit is lifted";

const Description = z.object({
  parts: z.record(z.string(), z.object({ url: z.string() })),
  databases: z.object({ orders: z.object({ adminUrl: z.string() }) }),
  broker: z.object({ url: z.string() }),
});
const Accepted = z.object({ id: z.string() });
type Description = z.output<typeof Description>;

/** A platform with some load, an order that took every possible detour, and a browser that draws the live view. */
export async function run(args: string[]): Promise<number> {
  parseFlags("npm run picture", args, {});
  const terminal = openTerminal(process.stdout, ["picture"]);
  const doing = (text: string) => terminal.doing("picture", text);
  await using directory = await temporaryDirectory();
  process.env.CLOUD_DESIGN_LOCAL = directory.path;
  doing("starting a platform");
  const { child, platform, exited } = await launch(directory.path, ["--no-seed", ...(await freePorts())]);
  try {
    const description = Description.parse(platform);
    const { accessToken: token } = await accessToken({
      identityUrl: description.parts.identity?.url ?? "",
      user: "ordinary",
    });
    const load = startLoad({
      gatewayUrl: description.parts.gateway?.url ?? "",
      token: () => token,
      perSecond: PER_SECOND,
    });
    doing("sending an order on a detour");
    const id = await detour(directory.path, description, token);
    await publishNonsense(description.broker.url);
    doing(`letting it flow for ${LOAD_SECONDS} s`);
    await sleep(LOAD_SECONDS * 1_000);
    await replay(id);
    doing("taking the picture");
    await photograph(`${description.parts.site?.url}/live?order=${id}`);
    await load.stop();
  } finally {
    child.kill("SIGTERM");
    await exited;
  }
  terminal.done("picture", PICTURE);
  return 0;
}

/** RabbitMQ is stopped when the order comes, and the database refuses the order when RabbitMQ is back. */
async function detour(directory: string, { databases, parts }: Description, token: string): Promise<string> {
  const sql = postgres(databases.orders.adminUrl, { max: 1, onnotice: () => {} });
  const stopOrStart = (verb: string) => askControl(directory, "POST", `/parts/rabbitmq/${verb}`);
  try {
    await stopOrStart("stop");
    const id = await order(parts.gateway?.url ?? "", token);
    await sql`ALTER TABLE orders ADD CONSTRAINT detour CHECK (id <> ${sql.unsafe(`'${id}'`)}) NOT VALID`;
    await sleep(OUTAGE_SECONDS * 1_000);
    await stopOrStart("start");
    await until("the order is rejected", async () => {
      const rows = await sql`SELECT FROM rejections WHERE order_id = ${id}`;
      return rows.length > 0;
    });
    await sql`ALTER TABLE orders DROP CONSTRAINT detour`;
    return id;
  } finally {
    await sql.end();
  }
}

async function order(gatewayUrl: string, token: string): Promise<string> {
  const answer = await fetch(`${gatewayUrl}/api/billing`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ user_id: "3", number_of_items: "5", total_amount: "180" }),
  });
  return Accepted.parse(await answer.json()).id;
}

/** Leaves one dead letter. */
async function publishNonsense(brokerUrl: string): Promise<void> {
  const connection = await connect(brokerUrl);
  const channel = await connection.createConfirmChannel();
  channel.sendToQueue(BILLING_QUEUE, Buffer.from("{}"));
  await channel.waitForConfirms();
  await connection.close();
}

async function replay(id: string): Promise<void> {
  const args = ["run", "-s", "ops", "--", "dlq", "replay", id, "--queue", "billing", "--why", WHY];
  await promisify(execFile)("npm", args, { cwd: ROOT });
}

async function photograph(url: string): Promise<void> {
  const server = await launchBrowser(await findChromium(() => {}));
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await (await browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce" })).newPage();
    await page.goto(url);
    await page.locator("#hops .outcome.recorded").waitFor();
    await page.locator(".arrow.steady").first().waitFor({ state: "attached" });
    await page.screenshot({ path: join(ROOT, PICTURE), fullPage: true });
  } finally {
    await server.close();
  }
}
