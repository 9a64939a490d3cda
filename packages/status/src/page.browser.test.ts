import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import type { ComponentId, State } from "./components.ts";
import { open } from "./testing/browser.ts";
import { serve, statusOf } from "./testing/site.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const EACH_STATE = { api: "up", inventory: "degraded", rabbitmq: "down", billing: "unknown" } as const;
const DELAYED = "Orders are accepted and recorded with a delay.";
const STATES: [string, Partial<Record<ComponentId, State>> | undefined, string][] = [
  ["everything is up", {}, "Everything works."],
  ["recording is degraded", { billing: "degraded" }, DELAYED],
  ["the API is down", { api: "down" }, "The API does not answer."],
  ["a component is not known", { "sign-in": "unknown" }, "Not known right now: Sign-in."],
  ["no check has run", undefined, "No check has run yet."],
];

test.each(STATES)("when %s the page says so, with and without JavaScript", async (_, states, headline) => {
  await using site = await serve({ status: states && statusOf(states) });
  for (const javaScriptEnabled of [true, false]) {
    await using tab = await open(site, { javaScriptEnabled });
    await expect.poll(() => tab.words("h1")).toBe(headline);
    expect(await tab.page.title()).toBe(`${headline} – cloud-design status`);
    expect(await tab.page.locator(".components > li").count()).toBe(8);
  }
});

test("without JavaScript it shows day and time of the check, and after how long it is stale", async () => {
  await using site = await serve();
  await using tab = await open(site, { javaScriptEnabled: false });
  expect(await tab.words("#fresh")).toBe(
    "Checked 26 Nov 2026, 12:00 UTC. If that is more than 3 minutes ago, this page is stale.",
  );
  expect(site.refreshes).toBe(0);
});

test("each state has its own word and its own visible shape", async () => {
  await using site = await serve({ status: statusOf(EACH_STATE) });
  await using tab = await open(site);
  // The pictures must differ even without colours.
  await tab.page.addStyleTag({ content: ".icon { --now: #000 !important; }" });
  const pictures = new Set<string>();
  for (const [id, state] of Object.entries(EACH_STATE)) {
    expect(await tab.words(`#${id} .state`)).toMatch(new RegExp(`^${state}`, "i"));
    pictures.add((await tab.page.locator(`#${id} .icon`).screenshot()).toString("base64"));
  }
  expect(pictures.size).toBe(4);
});

test("has no console errors, makes no request to another site, and obeys the policy", async () => {
  await using site = await serve({ status: statusOf({ billing: "down" }) });
  await using tab = await open(site);
  await expect.poll(() => tab.words("#fresh")).toContain("ago");
  expect(tab.complaints).toEqual([]);
  expect(tab.foreign).toEqual([]);
});

test.each([
  ["light", 320],
  ["light", 1280],
  ["dark", 320],
  ["dark", 1280],
] as const)("axe finds nothing in %s at %d px, and nothing sticks out", async (colorScheme, width) => {
  for (const status of [statusOf(EACH_STATE), undefined]) {
    await using site = await serve({ status });
    await using tab = await open(site, { colorScheme, viewport: { width, height: 700 } });
    await expect.poll(() => site.refreshes).toBe(1);
    await tab.page.evaluate(OPEN_ALL);
    await tab.page.evaluate(AXE);
    expect(await tab.page.evaluate(FIND)).toEqual([]);
    expect(await tab.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  }
});

const OPEN_ALL = 'for (const details of document.querySelectorAll("details")) details.open = true';
const FIND =
  "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))";

test("the days with trouble can be opened by keyboard", async () => {
  await using site = await serve();
  await using tab = await open(site);
  const days = tab.page.locator("#api details");
  // The first focusable element after the link to the documentation.
  await tab.page.keyboard.press("Tab");
  await tab.page.keyboard.press("Tab");
  await tab.page.keyboard.press("Enter");
  await expect.poll(() => days.locator("p").isVisible()).toBe(true);
});

test("only the overall sentence is announced when it changes", async () => {
  await using site = await serve();
  await using tab = await open(site);
  const live = "[aria-live], [role=status], [role=alert]";
  expect(await tab.page.locator(live).count()).toBe(1);
  expect(await tab.words(live)).toBe("Everything works.");
});

test("the feed is well-formed and has the same content as the page", async () => {
  await using site = await serve();
  await using tab = await open(site);
  const titles =
    await tab.page.evaluate(`fetch("/status/feed.atom").then((response) => response.text()).then((text) => {
    const feed = new DOMParser().parseFromString(text, "application/xml");
    return [...feed.querySelectorAll("parsererror, entry > title")].map((element) => element.textContent);
  })`);
  expect(titles).toEqual(["Searching for movies is slow", "Orders were recorded late"]);
});
