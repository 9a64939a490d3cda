import { COMPONENTS, type ComponentId } from "@cloud-design/status";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { call, platform, stopped } from "./client.ts";

/** Two runs of the probe and two looks of the page, on a busy machine. */
const SOON = { timeout: 45_000, interval: 100 };
const siteUrl = platform.parts.site?.url ?? "";

let browser: Browser;
let page: Page;

beforeAll(async () => {
  browser = await chromium.connect(inject("browserEndpoint"));
  page = await browser.newPage();
  await page.goto(`${siteUrl}/status`);
});

afterAll(() => browser.close());

const text = async (selector: string) => (await page.locator(selector).textContent()) ?? "";
const headline = () => text("h1");

/** The page, which was opened once and stays open, says so by itself; says how long that took. */
async function says(sentence: string | RegExp, since: number): Promise<void> {
  await expect.poll(headline, SOON).toMatch(sentence);
  console.info(`"${await headline()}" ${((Date.now() - since) / 1_000).toFixed(1)} s after the change`);
}

/** Names the components that are not up, in words. */
async function unwell(): Promise<Record<string, string>> {
  const ids = Object.keys(COMPONENTS) as ComponentId[];
  const states = await Promise.all(
    ids.map(async (id) => [id, (await text(`#${id} .state`)).replace(/ since .*/, "")]),
  );
  return Object.fromEntries(states.filter(([, state]) => state !== "Up"));
}

/** After an outage the orders that came during it are recorded too. */
async function untilWell(): Promise<void> {
  await expect.poll(headline, SOON).toBe("Everything works.");
  await expect.poll(() => text("#overall"), SOON).toContain("No order waits to be recorded.");
}

async function placeOrder(): Promise<number> {
  const body = { user_id: 3, number_of_items: 5, total_amount: "180" };
  return (await call("POST", "/api/billing", { body })).status;
}

test("says that everything works while everything works", async () => {
  await says("Everything works.", Date.now());
  await expect.poll(unwell, SOON).toEqual({});
  expect(await text("#overall")).toContain("No order waits to be recorded.");
});

test("RabbitMQ is down: orders are accepted, and the page says that they are late", async () => {
  const since = Date.now();
  await using _ = await stopped("rabbitmq");
  expect(await placeOrder()).toBe(200);
  await says("Orders are accepted and recorded with a delay.", since);
  await expect.poll(unwell, SOON).toEqual({ rabbitmq: "Down", billing: "Degraded" });
  await expect.poll(() => text("#overall"), SOON).toMatch(/At least 1 order waits/);
  expect(await placeOrder()).toBe(200);
});

test("billing is down: orders are accepted and counted, and the page says so, without JavaScript too", async () => {
  await untilWell();
  const since = Date.now();
  await using _ = await stopped("billing");
  for (let order = 0; order < 3; order++) expect(await placeOrder()).toBe(200);
  await says("Orders are accepted and recorded with a delay.", since);
  await expect.poll(unwell, SOON).toEqual({ billing: "Down", "billing-database": "Unknown" });
  await expect
    .poll(() => text("#overall"), SOON)
    .toMatch(/^3 orders wait to be recorded, none older than about .+\.$/m);
  await withoutJavaScript("Orders are accepted and recorded with a delay.");
  await saysNothingOfItsInside();
});

/** What the probe has written is right by itself. */
async function withoutJavaScript(sentence: string): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(`${siteUrl}/status`);
  expect(await plain.locator("h1").textContent()).toBe(sentence);
  await context.close();
}

/** The public is shown no host, no version and no error. */
async function saysNothingOfItsInside(): Promise<void> {
  for (const path of ["/status", "/status/status.json", "/status/history.json", "/status/feed.atom"]) {
    const content = await (await fetch(siteUrl + path)).text();
    expect(content.replaceAll(siteUrl, "")).not.toMatch(
      /localhost|127\.0\.0\.1|ECONN|Error:|fetch failed|node:|\bat \S+ \(|amqp|postgres:/,
    );
  }
}

test("a database is down: movies cannot be read, and orders are accepted", async () => {
  await untilWell();
  const since = Date.now();
  await using _ = await stopped("inventory-database");
  expect(await placeOrder()).toBe(200);
  await says("Movies cannot be read or changed right now. Orders are accepted.", since);
  await expect.poll(unwell, SOON).toEqual({ "inventory-database": "Down" });
});

test("the API is down: the page says so, and what goes on behind it", async () => {
  await untilWell();
  const since = Date.now();
  await using _ = await stopped("gateway");
  await says("The API does not answer.", since);
  await expect.poll(unwell, SOON).toEqual({ api: "Down" });
});

test("the probe is dead: the page says since when it knows nothing new", async () => {
  await untilWell();
  await using probe = await stopped("status-probe");
  await expect.poll(() => text("#fresh"), SOON).toMatch(/^Stale since \d\d:\d\d UTC: /);
  expect(await page.title()).toMatch(/^Not current: /);
  await probe.start();
  await expect.poll(() => text("#fresh"), SOON).toMatch(/^Checked /);
});

test("all is back: the page says so, and keeps what was in today's history", async () => {
  await says("Everything works.", Date.now());
  await expect.poll(unwell, SOON).toEqual({});
  const history = await (await fetch(`${siteUrl}/status/history.json`)).json();
  expect(history).toMatchObject({
    days: [{ components: { rabbitmq: { down: expect.any(Number) }, api: { down: expect.any(Number) } } }],
  });
});
