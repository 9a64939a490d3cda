import { type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { inject } from "vitest";
import type { Site } from "./site.ts";

export interface Tab extends AsyncDisposable {
  page: Page;
  /** Errors of the console and the script, and violations of the policy. */
  complaints: string[];
  /** Requested addresses of other sites. */
  foreign: string[];
  /** The text of an element on one line. */
  words(selector: string): Promise<string>;
  /** The cumulative layout shift so far. */
  shift(): Promise<number>;
}

/** Opens the status page in a browser with an empty profile. With `clock` the browser's clock stands still at that time. */
export async function open(
  site: Site,
  { clock, ...options }: BrowserContextOptions & { clock?: number } = {},
): Promise<Tab> {
  const browser = await chromium.connect(inject("browserEndpoint"));
  const page = await (await browser.newContext(options)).newPage();
  const complaints: string[] = [];
  const foreign: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${site.url}/`) && !request.url().startsWith("data:"))
      foreign.push(request.url());
  });
  if (clock !== undefined) await page.clock.install({ time: clock });
  if (options.javaScriptEnabled !== false) await page.addInitScript(MEASURE_SHIFT);
  await page.goto(`${site.url}/status`);
  return {
    page,
    complaints,
    foreign,
    words: async (selector) =>
      ((await page.locator(selector).textContent()) ?? "").replaceAll(/\s+/g, " ").trim(),
    shift: () => page.evaluate<number>("shift"),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

const MEASURE_SHIFT = `
globalThis.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
`;
