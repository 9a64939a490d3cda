import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { NOON, orderWay, spanOf } from "@cloud-design/traces/testing/spans";
import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { listen } from "../stand-in.ts";
import { type Seeded, startSeeded } from "../traces/testing/seeded.ts";
import { createSite } from "./server.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FIND =
  "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))";
const SHIFT = `
globalThis.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
`;
/** Pixels of the smallest letters in the drawing, and of the narrowest link to an order. */
const SMALLEST = "11.5 * document.querySelector('#drawing svg').getScreenCTM().a";
const NARROWEST =
  "Math.min(...[...document.querySelectorAll('#list a')].map((link) => link.closest('td').clientWidth))";
const [RECORDED, DETOUR] = ["ord_recorded".padEnd(44, "x"), "ord_detour".padEnd(44, "x")];
/** Two polls of the page, on a busy machine. */
const SOON = { timeout: 60_000 };
const NOWHERE = "http://127.0.0.1:1";

let telemetry: Seeded;
let site: Server;
let url: string;

beforeEach(async () => {
  telemetry = await startSeeded();
  for (let second = 0; second < 10; second++) {
    const startMs = NOON + second * 1_000;
    const attributes = { "http.response.status_code": 200 };
    const read = spanOf({ service: "gateway", name: "GET /api/movies", kind: "server", startMs, attributes });
    const ask = { "peer.service": "inventory" };
    const asked = spanOf({
      service: "gateway",
      name: "GET inventory",
      kind: "client",
      startMs,
      attributes: ask,
    });
    telemetry.add([read, asked]);
  }
  telemetry.add(
    orderWay(RECORDED, { startMs: NOON + 1_000 })
      .accept()
      .wait(4)
      .handOver()
      .wait(3)
      .process("recorded").spans,
  );
  const detour = orderWay(DETOUR, { startMs: NOON + 2_000 })
    .accept()
    .handOver({ failure: "connection closed" })
    .wait(2_000);
  detour.handOver({ receives: 2 }).process("rejected", { message: "no such film" });
  telemetry.add(detour.wait(1_000).replay("ann", "it is there now").wait(4).process("recorded").spans);
  telemetry.depths = { orders: 3, billing: 1_204, ordersDead: 0, billingDead: 2 };
  site = createSite({
    ...{
      directory: import.meta.dirname,
      gatewayUrl: NOWHERE,
      bucketUrl: NOWHERE,
      siteUrl: "http://localhost",
      movedPorts: {},
    },
    telemetryUrl: telemetry.url,
    apiSeconds: 1,
  });
  url = `http://127.0.0.1:${await listen(site, 0)}`;
});
afterEach(async () => {
  site.close().closeAllConnections();
  await telemetry[Symbol.asyncDispose]();
});

interface Tab extends AsyncDisposable {
  page: Page;
  /** Errors on the console and in the script, and what the policy refused. */
  complaints: string[];
  foreign: string[];
  words(selector: string): Promise<string>;
  /** The text of a box of the drawing for a screen reader. */
  box(name: string): Promise<string | null>;
}

async function open(path = "/live", options: BrowserContextOptions = {}): Promise<Tab> {
  const browser = await chromium.connect(inject("browserEndpoint"));
  const page = await (
    await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
  ).newPage();
  const [complaints, foreign]: string[][] = [[], []];
  page.on("console", (message) => message.type() === "error" && complaints?.push(message.text()));
  page.on("pageerror", (error) => complaints?.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith("data:"))
      foreign?.push(request.url());
  });
  await page.addInitScript(SHIFT);
  await page.goto(url + path);
  return {
    page,
    complaints: complaints ?? [],
    foreign: foreign ?? [],
    words: async (selector) =>
      ((await page.locator(selector).textContent()) ?? "").replaceAll(/\s+/g, " ").trim(),
    box: (name) => page.locator(`svg .${name}`).getAttribute("aria-label"),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

const asOf = ({ words }: Tab) => words("#fresh");

test("draws the rates, the depth of each queue, and the dead letters", async () => {
  await using tab = await open();
  await expect.poll(() => asOf(tab), SOON).toMatch(/^As of 12:00:10 UTC/);
  expect(await tab.box("gateway")).toMatch(/^gateway, Lambda: 1\.2 requests\/s; p50 .*; 0 errors$/);
  expect(await tab.box("orders")).toMatch(/^orders, SQS: 3 waiting; /);
  expect(await tab.box("billing_queue")).toMatch(/^billing_queue, RabbitMQ: 1,204 waiting; /);
  expect(await tab.box("billingDead")).toBe("dead letters, RabbitMQ: 2");
  expect(await tab.page.locator("svg .box.bad").count()).toBe(2);
  // Two of the three attempts to hand an order over went through.
  expect(await tab.box("order-bridge")).toMatch(
    /^order-bridge, Lambda: 0\.2 orders\/s; .*; 0\.1 held back\/s$/,
  );
  expect(await tab.page.locator("svg .box.held").getAttribute("class")).toBe("box order-bridge held");
  expect(await tab.page.locator("svg .arrow.steady, svg .arrow.slow").count()).toBeGreaterThan(5);
  expect([tab.complaints, tab.foreign]).toEqual([[], []]);
});

test("says which part does not run, until it runs again", async () => {
  await using tab = await open();
  await expect.poll(() => tab.box("billing"), SOON).toContain("0.1 rejected/s");
  telemetry.parts = { billing: "stopped" };
  await expect.poll(() => tab.box("billing"), SOON).toContain("; stopped");
  telemetry.parts = { billing: "running" };
  await expect.poll(() => tab.box("billing"), SOON).not.toContain("stopped");
});

test("says how many of a service's copies run, and marks the service as down only without one", async () => {
  await using tab = await open();
  const marks = () => tab.page.locator("svg .box.inventory").getAttribute("class");
  telemetry.parts = { inventory: "running", "inventory-1": "starting", "inventory-2": "running" };
  await expect.poll(() => tab.box("inventory"), SOON).toContain("; 1 of 2 run");
  expect(await marks()).toBe("box inventory held");
  telemetry.parts["inventory-2"] = "stopped";
  await expect.poll(() => tab.box("inventory"), SOON).toContain("; 0 of 2 run");
  expect(await marks()).toBe("box inventory bad");
  telemetry.parts = { inventory: "running", "inventory-1": "running", "inventory-2": "running" };
  await expect.poll(() => tab.box("inventory"), SOON).toContain("; 0 errors");
});

test("shows the hops of a clicked order with its detours, and those of the previous order after the back button", async () => {
  await using tab = await open();
  await tab.page.click(`#list a[title="${RECORDED}"]`);
  await expect.poll(() => tab.words("#hops"), SOON).toContain("recorded after 29 ms");
  expect(new URL(tab.page.url()).search).toBe(`?order=${RECORDED}`);
  await tab.page.click(`#list a[title="${DETOUR}"]`);
  await expect.poll(() => tab.words("#hops"), SOON).toContain("operator replays itby ann: it is there now");
  expect(await tab.words("#hops .bad >> nth=0")).toContain("cannot hand it to RabbitMQconnection closed");
  expect(await tab.words("#hops tbody tr:last-child")).toContain("billing records it");
  await tab.page.goBack();
  await expect.poll(() => tab.words("#hops"), SOON).toContain("recorded after 29 ms");
});

test("keeps updating the list while one of its orders is chosen, and does not move the keyboard focus", async () => {
  await using tab = await open();
  await tab.page.click(`#list a[title="${RECORDED}"]`);
  await expect.poll(() => tab.words("#hops"), SOON).toContain("recorded after 29 ms");
  const id = "ord_next".padEnd(44, "x");
  const way = orderWay(id, { startMs: NOON + 6_000 }).accept();
  telemetry.add(way.spans);
  await expect.poll(() => tab.words("#list tbody tr:first-child"), SOON).toContain("ord_next");
  expect(await tab.page.locator(":focus").getAttribute("title")).toBe(RECORDED);
  telemetry.add(way.handOver().process("recorded").spans);
  await expect.poll(() => tab.words("#list tbody tr:first-child"), SOON).toContain("recorded");
  expect(await tab.page.locator("#list tbody tr").count()).toBe(10);
});

test("opens at the order that its address names, and updates its hops while it moves on", async () => {
  const [id] = ["ord_waiting".padEnd(44, "x")];
  const way = orderWay(id, { startMs: NOON + 5_000 }).accept();
  telemetry.add(way.spans);
  await using tab = await open(`/live?order=${id}`);
  await expect.poll(() => tab.words("#hops .outcome"), SOON).toMatch(/^waits in SQS orders since /);
  telemetry.add(way.handOver().process("recorded").spans);
  await expect.poll(() => tab.words("#hops .outcome"), SOON).toMatch(/^recorded after /);
});

test.each([
  ["a whole traceparent", (traceId: string) => `00-${traceId}-00f067aa0ba902b7-01`, "recorded after"],
  ["a trace id", (traceId: string) => traceId, "recorded after"],
  ["an order that does not exist", () => "ord_nothing", "There is no trace of such an order."],
  ["markup", () => "<img src=x onerror=alert(1)>", "There is no trace of such an order."],
])("finds %s by the keyboard alone", async (_, given, said) => {
  await using tab = await open();
  await expect.poll(() => asOf(tab), SOON).toContain("As of");
  await tab.page.focus("nav a:last-child");
  const names = ["ord_detour".padEnd(14, "x"), "ord_recorded".padEnd(14, "x")].map((id) => `${id}…`);
  for (const name of names) {
    await tab.page.keyboard.press("Tab");
    expect(await tab.words(":focus")).toBe(name);
  }
  await tab.page.keyboard.press("Tab");
  const [traceId = ""] = (await answerOf(RECORDED)).timeline.traceIds;
  await tab.page.keyboard.type(given(traceId));
  await tab.page.keyboard.press("Enter");
  await expect.poll(() => tab.words("#hops"), SOON).toContain(said);
});

async function answerOf(id: string) {
  return (await (await fetch(`${telemetry.url}/traces?order=${id}`)).json()) as {
    timeline: { traceIds: string[] };
  };
}

test("says that the traces cannot be read, keeps the last data, and goes on once they can be read", async () => {
  await using tab = await open();
  await expect.poll(() => asOf(tab), SOON).toContain("As of");
  await telemetry.stop();
  await expect
    .poll(() => asOf(tab), SOON)
    .toBe(
      "The traces cannot be read (npm run ops -- restart telemetry brings them back). The data below is from 12:00:10 UTC.",
    );
  expect(await tab.box("billing_queue")).toContain("1,204 waiting");
  site.close().closeAllConnections();
  await expect
    .poll(() => asOf(tab), SOON)
    .toMatch(/^The platform does not answer: start it with npm start\. The data below/);
});

test.each([
  ["light", 320],
  ["light", 768],
  ["light", 1200],
  ["dark", 320],
  ["dark", 1200],
] as const)(
  "in %s at %d px axe finds no violation, all text is large enough, nothing overflows, and the layout does not shift",
  async (colorScheme, width) => {
    await using tab = await open(`/live?order=${DETOUR}`, { colorScheme, viewport: { width, height: 900 } });
    await expect.poll(() => tab.words("#hops"), SOON).toContain("recorded after");
    telemetry.add(orderWay("ord_new".padEnd(44, "x"), { startMs: NOON + 9_000 }).accept().spans);
    telemetry.depths = { orders: null, billing: 100_000, ordersDead: 12, billingDead: null };
    telemetry.parts = { rabbitmq: "starting", "inventory-database": "failed" };
    await expect.poll(() => tab.words("#list"), SOON).toContain("ord_newxxx");
    await tab.page.evaluate(AXE);
    expect(await tab.page.evaluate(FIND)).toEqual([]);
    expect(await tab.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    expect(await tab.page.evaluate("shift")).toBe(0);
    expect(await tab.page.evaluate(SMALLEST)).toBeGreaterThanOrEqual(9);
    // As much of an id as tells it from its neighbours.
    expect(await tab.page.evaluate(NARROWEST)).toBeGreaterThanOrEqual(70);
  },
);

test("nothing moves for a user who prefers reduced motion", async () => {
  const moving = "getComputedStyle(document.querySelector('.arrow.slow .flow')).animationName";
  for (const [reducedMotion, name] of [
    ["reduce", "none"],
    ["no-preference", "flow"],
  ] as const) {
    await using tab = await open("/live", { reducedMotion });
    await tab.page.locator(".arrow.slow .flow").first().waitFor({ state: "attached" });
    expect(await tab.page.evaluate(moving)).toBe(name);
  }
});

test("without JavaScript it says which command shows the same", async () => {
  await using tab = await open("/live", { javaScriptEnabled: false });
  expect(await tab.words("noscript")).toContain("npm run ops -- trace ORDER");
});

test.each(["/live/", "/live/live.css", "/live/words.ts"])("%s is there", async (path) => {
  expect((await fetch(url + path)).status).toBe(200);
});

test.each([
  "/live/serve.ts",
  "/live/..",
  "/live/%2e%2e/site/server.ts",
  "/live/page.html",
  "/live/__proto__",
])("%s is not", async (path) => {
  expect((await fetch(url + path)).status).toBe(404);
});
