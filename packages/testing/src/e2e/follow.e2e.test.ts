import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { expect, inject, test } from "vitest";
import { call, idOf, platform, SOON, stopped } from "./client.ts";
import { untilRecorded } from "./stores.ts";

const cli = join(import.meta.dirname, "../../../cli/src/cli.ts");
const siteUrl = platform.parts.site?.url ?? "";
const body = { user_id: 3, number_of_items: 5, total_amount: "180" };

/** The output of the command, also when it fails. */
async function trace(...args: string[]): Promise<string> {
  const env = { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") };
  const said = await promisify(execFile)(process.execPath, [cli, "ops", "trace", ...args], { env }).catch(
    (failed: { stdout: string; stderr: string }) => failed,
  );
  return said.stdout + said.stderr;
}

/** The hops of an order, once its trace is complete. */
async function hopsOf(asked: string, last: string): Promise<string[]> {
  const hops: string[] = [];
  await expect
    .poll(async () => {
      const { hops: found } = JSON.parse(await trace(asked, "--json")) as {
        hops: { where: string; what: string }[];
      };
      hops.splice(0, hops.length, ...found.map(({ where, what }) => `${where} ${what}`));
      return hops.at(-1);
    }, SOON)
    .toBe(last);
  return hops;
}

test("an order is followed from the answer's own traceresponse, through an outage, on the page and in the terminal alike", async () => {
  await using bridge = await stopped("order-bridge");
  const answer = await call("POST", "/api/billing", { body });
  const traceresponse = answer.headers.get("traceresponse") ?? "";
  await expect
    .poll(() => trace(traceresponse), SOON)
    .toMatch(/^outcome {2}waits in SQS orders since .*, for /m);

  const browser = await chromium.connect(inject("browserEndpoint"));
  try {
    const page = await browser.newPage();
    await page.goto(`${siteUrl}/live?order=${idOf(answer)}`);
    const outcome = () => page.locator("#hops .outcome").textContent();
    const bridgeBox = () => page.locator("svg .order-bridge").getAttribute("aria-label");
    await expect.poll(outcome, SOON).toMatch(/^waits in SQS orders since /);
    await expect.poll(bridgeBox, SOON).toContain("; stopped");
    await bridge.start();
    await expect.poll(outcome, SOON).toMatch(/^recorded after /);
    await expect.poll(bridgeBox, SOON).not.toContain("stopped");
    expect(await page.locator("#list").textContent()).toContain(idOf(answer).slice(0, 14));
  } finally {
    await browser.close();
  }

  expect(
    (await hopsOf(traceresponse, "billing records it")).filter((hop) => !hop.startsWith("RabbitMQ")),
  ).toEqual([
    "gateway POST /api/billing: 200",
    "gateway hands it to SQS",
    "SQS orders waits",
    "order-bridge hands it to RabbitMQ",
    "billing records it",
  ]);
});

test("without telemetry orders are recorded as before, and the command shows their way from logs and row", async () => {
  await using telemetry = await stopped("telemetry");
  const id = idOf(await call("POST", "/api/billing", { body }));
  await untilRecorded(id);
  const said = await trace(id);
  expect(said).toMatch(/^outcome {2}recorded after /m);
  expect(said).toMatch(/order-bridge +hands it to RabbitMQ/);
  expect(said).toContain("Telemetry does not answer, so hops are known from the logs alone: ");
  expect((await fetch(`${siteUrl}/live/data.json`)).status).toBe(503);
  await telemetry.start();
  expect((await fetch(`${siteUrl}/live/data.json`)).status).toBe(200);
});

test("an unknown order is answered with a sentence", async () => {
  expect(await trace("ord_nothing")).toBe(
    "There is no order ord_nothing here: neither a trace, nor a line in the logs, nor a row.\n",
  );
});
