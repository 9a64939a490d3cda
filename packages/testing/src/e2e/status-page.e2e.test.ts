import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { COMPONENTS, type ComponentId, Status } from "@cloud-design/status";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { call, idOf, platform, stopped } from "./client.ts";
import { sqs } from "./stores.ts";

/** Enough for two runs of the probe and two polls of the page on a busy machine. */
const SOON = { timeout: 60_000, interval: 100 };
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

/** The open page must show this headline without a reload; prints how long that took. */
async function says(sentence: string | RegExp, since: number): Promise<void> {
  await expect.poll(headline, SOON).toMatch(sentence);
  console.info(`"${await headline()}" ${((Date.now() - since) / 1_000).toFixed(1)} s after the change`);
}

/** The components that are not up, in words. */
async function unwell(): Promise<Record<string, string>> {
  const ids = Object.keys(COMPONENTS) as ComponentId[];
  const states = await Promise.all(
    ids.map(async (id) => [id, (await text(`#${id} .state`)).replace(/ since .*/, "")]),
  );
  return Object.fromEntries(states.filter(([, state]) => state !== "Up"));
}

/** After an outage the orders of its time are recorded too. */
async function untilWell(): Promise<void> {
  await expect.poll(headline, SOON).toBe("Everything works.");
  await expect.poll(() => text("#overall"), SOON).toContain("No order waits to be recorded.");
}

const placeOrder = async () => (await postOrder()).status;

function postOrder(headers: Record<string, string> = {}) {
  const body = { user_id: 3, number_of_items: 5, total_amount: "180" };
  return call("POST", "/api/billing", { body, headers });
}

async function lastCheck(): Promise<Status> {
  return Status.parse(await (await fetch(`${siteUrl}/status/status.json`)).json());
}

async function untilBalanced(): Promise<void> {
  await expect
    .poll(async () => (await lastCheck()).orders, SOON)
    .toMatchObject({ waiting: 0, in_flight: 0, unaccounted: 0 });
  const { accepted, recorded = 0, rejected = 0 } = (await lastCheck()).orders ?? {};
  expect(accepted).toBe(recorded + rejected);
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
  await expect.poll(() => text("#overall"), SOON).toMatch(/^1 order waits to be recorded, for /m);
  expect(await placeOrder()).toBe(200);
});

test("billing is down: orders are accepted and counted, and the page says so, without JavaScript too", async () => {
  await untilWell();
  const since = Date.now();
  await using _ = await stopped("billing");
  const accepted: number[] = [];
  for (let order = 0; order < 3; order++) {
    expect(await placeOrder()).toBe(200);
    accepted.push(Date.now());
  }
  await says("Orders are accepted and recorded with a delay.", since);
  await expect.poll(unwell, SOON).toEqual({ billing: "Down", "billing-database": "Unknown" });
  await expect
    .poll(() => text("#overall"), SOON)
    .toMatch(
      /^3 orders wait to be recorded, the oldest for \d+ (second|minute)s?\. In the queues by lane: standard 3, priority 0\.$/m,
    );
  const { orders, checked_at } = await lastCheck();
  const age = (time = 0) => (Date.parse(checked_at) - time) / 1_000;
  expect(orders?.oldest_seconds).toBeGreaterThan(age(accepted[0]) - 2);
  // The probe may count some seconds after the time that it records.
  expect(orders?.oldest_seconds).toBeLessThan((Date.now() - since) / 1_000 + 1);
  await withoutJavaScript("Orders are accepted and recorded with a delay.");
  await saysNothingOfItsInside();
});

/** The page is right as the probe has written it, without JavaScript. */
async function withoutJavaScript(sentence: string): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(`${siteUrl}/status`);
  expect(await plain.locator("h1").textContent()).toBe(sentence);
  await context.close();
}

/** The page shows no host, no version and no error. */
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

test("the API is down: the page says so, and shows the state of the parts behind it", async () => {
  await untilWell();
  const since = Date.now();
  await using _ = await stopped("gateway");
  await says("The API does not answer.", since);
  await expect.poll(unwell, SOON).toEqual({ api: "Down" });
});

test("billing is frozen: the order that it holds waits", async () => {
  await untilWell();
  const { pid } = readPlatform(inject("local"))?.parts.billing ?? {};
  if (!pid) throw new Error("billing does not run");
  process.kill(pid, "SIGSTOP");
  try {
    expect(await placeOrder()).toBe(200);
    // Only billing could say whether it was recorded just before.
    await expect.poll(() => text("#overall"), SOON).toContain("At most 1 order waits to be recorded.");
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await untilWell();
  await untilBalanced();
});

describe("an order that the bridge does not forward", () => {
  const headers = { "idempotency-key": randomUUID() };
  let bridge: Awaited<ReturnType<typeof stopped>>;
  let id: string;

  beforeAll(async () => {
    bridge = await stopped("order-bridge");
    id = idOf(await postOrder(headers));
  });
  afterAll(() => bridge.start());

  test("waits while the probe is dead, and the page says the time of its last check", async () => {
    await using probe = await stopped("status-probe");
    await expect.poll(() => text("#fresh"), SOON).toMatch(/^Stale since \d\d:\d\d UTC: /);
    expect(await page.title()).toMatch(/^Not current: /);
    await probe.start();
    await expect.poll(() => text("#fresh"), SOON).toMatch(/^Checked /);
  });

  test("is late, and the page says so, though every component is up", async () => {
    await says("Orders are accepted and recorded with a delay.", Date.now());
    expect(await unwell()).toEqual({});
    expect(await lastCheck()).toMatchObject({ state: "degraded", orders: { waiting: 1, unaccounted: 0 } });
  });

  test("is unaccounted for when it is lost, and the log names it", async () => {
    await sqs.send(new PurgeQueueCommand({ QueueUrl: platform.queues.orders }));
    await says(
      "1 order is unaccounted for: it was accepted, and is neither recorded nor on its way.",
      Date.now(),
    );
    expect(await lastCheck()).toMatchObject({ state: "degraded", orders: { waiting: 0, unaccounted: 1 } });
    expect(readFileSync(join(inject("local"), "logs/status-probe.log"), "utf8")).toContain(
      `"late":["${id}"]`,
    );
  });

  test("comes back with its Idempotency-Key, and the ledger balances", async () => {
    await bridge.start();
    expect(idOf(await postOrder(headers))).toBe(id);
    await untilWell();
    await untilBalanced();
  });
});

test("all parts are back: the page says so, and keeps the outages in today's history", async () => {
  await says("Everything works.", Date.now());
  await expect.poll(unwell, SOON).toEqual({});
  const history = await (await fetch(`${siteUrl}/status/history.json`)).json();
  expect(history).toMatchObject({
    days: [{ components: { rabbitmq: { down: expect.any(Number) }, api: { down: expect.any(Number) } } }],
  });
});
