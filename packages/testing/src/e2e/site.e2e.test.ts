import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { brotliCompressSync } from "node:zlib";
import { PROBLEMS } from "@cloud-design/http";
import { PAGE_HEADERS } from "@cloud-design/site/headers";
import { type Browser, type BrowserContext, chromium, type Page, type Response } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { platform } from "./client.ts";

const siteUrl = platform.parts.site?.url ?? "";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Bytes on the wire. The reference carries an example in each language for each operation. */
const BYTES_MAX = 200 * 1_024;

interface Visit {
  path: string;
  headers: Record<string, string>;
  /** The browser's complaints, refused scripts included. */
  complaints: string[];
  /** Requests to other hosts than the site. */
  foreign: string[];
  failed: string[];
  bytes: number;
  /** Paths and anchors on the site. */
  links: string[];
  ids: string[];
  /** The findings of axe. */
  violations: unknown[];
}

let browser: Browser;
const visits = new Map<string, Visit>();

beforeAll(async () => {
  browser = await chromium.connect(inject("browserEndpoint"));
  const context = await browser.newContext({ colorScheme: "light" });
  // Every page that a reader can reach.
  let paths = ["/"];
  while (paths.length > 0) {
    const found = await atOnce(paths, (path) => visitPage(context, path));
    for (const visit of found) visits.set(visit.path, visit);
    const linked = found.flatMap(({ links }) => links.map((link) => link.split("#")[0] ?? ""));
    // The live view has a browser test of its own, and links to each order.
    paths = [...new Set(linked)].filter((path) => !visits.has(path) && !/\.\w+$|^\/live\b/.test(path));
  }
  await context.close();
});

afterAll(() => browser.close());

async function visitPage(context: BrowserContext, path: string): Promise<Visit> {
  const page = await context.newPage();
  const complaints: string[] = [];
  const responses: Response[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("response", (response) => responses.push(response));
  const answer = await page.goto(siteUrl + path);
  const own = responses.filter((response) => response.url().startsWith(siteUrl));
  const sizes = await Promise.all(own.map(bytesOf));
  const { links, ids } = await page.evaluate<{ links: string[]; ids: string[] }>(`({
    links: [...document.querySelectorAll("a[href]")].map(({ href }) => href),
    ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
  })`);
  const violations = await axe(page);
  await page.close();
  return {
    path,
    headers: answer?.headers() ?? {},
    complaints,
    foreign: responses
      .map((response) => response.url())
      .filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(siteUrl)),
    failed: own
      .filter((response) => response.status() >= 400)
      .map((response) => `${response.status()} ${response.url()}`),
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    links: links
      .filter((href) => href.startsWith(`${siteUrl}/`))
      .map((href) => decodeURI(href.slice(siteUrl.length))),
    ids,
    violations,
  };
}

/** A file that many pages load is measured once. */
const weights = new Map<string, number>();

/** The size as CloudFront would send it. */
async function bytesOf(response: Response): Promise<number> {
  const known = weights.get(response.url());
  if (known !== undefined) return known;
  const body = await response.body().catch(() => Buffer.alloc(0));
  const bytes = brotliCompressSync(body).length;
  weights.set(response.url(), bytes);
  return bytes;
}

const each = (pick: (visit: Visit) => unknown[]) =>
  Object.fromEntries(
    [...visits]
      .map(([path, visit]) => [path, pick(visit)])
      .filter(([, found]) => (found as unknown[]).length > 0),
  );

test("every page of the docs, every operation and every problem can be reached from the first page", () => {
  const paths = [...visits.keys()];
  console.info(`${paths.length} pages`);
  expect(paths).toEqual(
    expect.arrayContaining(["/start", "/demarrage", "/how/failures", "/questions", "/status"]),
  );
  expect(paths.filter((path) => path.startsWith("/problems/")).sort()).toEqual(
    Object.keys(PROBLEMS)
      .map((code) => `/problems/${code}`)
      .sort(),
  );
  expect(paths.filter((path) => path.startsWith("/reference/operations/")).length).toBeGreaterThanOrEqual(11);
});

test("no page causes a browser error, a request to another host or a 404", () => {
  expect(each(({ complaints }) => complaints)).toEqual({});
  expect(each(({ foreign }) => foreign)).toEqual({});
  expect(each(({ failed }) => failed)).toEqual({});
});

test("every link leads to a page, and every anchor to a place on it", async () => {
  const files = new Set<string>();
  const broken: string[] = [];
  for (const { path, links } of visits.values()) {
    for (const link of links) {
      const [target = "", anchor] = link.split("#");
      const visit = visits.get(target);
      if (visit === undefined) files.add(target);
      else if (anchor && !visit.ids.includes(decodeURIComponent(anchor))) broken.push(`${path} -> ${link}`);
    }
  }
  expect(broken).toEqual([]);
  expect(files).toContain("/openapi.json");
  for (const file of files) expect((await fetch(siteUrl + file)).status, file).toBe(200);
});

test("every page leads to the live view", () => {
  expect(each(({ links }) => (links.includes("/live") ? [] : ["no link"]))).toEqual({});
});

test("every page has the headers of the edge, and is revalidated each time", () => {
  for (const { path, headers } of visits.values()) {
    expect(headers, path).toMatchObject(PAGE_HEADERS);
    expect(headers["cache-control"], path).toMatch(/must-revalidate$/);
  }
  expect(PAGE_HEADERS["content-security-policy"]).toContain("script-src 'self' 'wasm-unsafe-eval';");
  expect(PAGE_HEADERS["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(PAGE_HEADERS["strict-transport-security"]).toMatch(/^max-age=31536000/);
});

test("every page except the reference is small on the wire", () => {
  const pages = [...visits.values()].map(({ path, bytes }) => ({ path, bytes }));
  const heaviest = pages.toSorted((a, b) => b.bytes - a.bytes).slice(0, 5);
  console.info(heaviest.map(({ path, bytes }) => `${path} ${Math.round(bytes / 1_024)} KB`).join(", "));
  const heavy = pages.filter(({ path, bytes }) => !path.startsWith("/reference") && bytes > BYTES_MAX);
  expect(heavy).toEqual([]);
});

test("axe finds nothing on any page", () => {
  expect(each(({ violations }) => violations)).toEqual({});
});

test("axe finds nothing in dark on one page of each kind", async () => {
  const paths = ["/", "/start", "/how/architecture", "/how/order", "/runbook", "/problems/unavailable"];
  const reference = ["/reference", "/reference/operations/placeorder", "/reference/operations/getorder"];
  const context = await browser.newContext({ colorScheme: "dark" });
  const found = await atOnce([...paths, ...reference, "/status"], async (path) => {
    const page = await context.newPage();
    await page.goto(siteUrl + path);
    const violations = await axe(page);
    await page.close();
    return [path, violations] as const;
  });
  await context.close();
  expect(found.filter(([, violations]) => violations.length > 0)).toEqual([]);
});

async function axe(page: Page): Promise<unknown[]> {
  await page.evaluate(AXE);
  // Findings that pass need no list. The search button also shows its key, which is not part of its name.
  return page.evaluate(`axe
    .run({ resultTypes: ["violations"], rules: { "label-content-name-mismatch": { enabled: false } } })
    .then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, at: nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)) })))`);
}

/** As many pages in parallel as keep the processors busy. */
async function atOnce<In, Out>(items: readonly In[], work: (item: In) => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

test("the search finds a page by one of its words", async () => {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(siteUrl);
  await page.locator("button[data-open-modal]").click();
  await page.locator("dialog input").fill("idempotency");
  await page
    .locator("dialog a", { hasText: /idempotency/i })
    .first()
    .waitFor();
  expect(complaints).toEqual([]);
  await page.close();
});

test("the reference's examples name the site that they are read on", async () => {
  const page = await browser.newPage();
  await page.goto(`${siteUrl}/reference/operations/placeorder`);
  const text = await page.locator("main").textContent();
  expect(text).toContain(`${siteUrl}/api/billing`);
  expect(text).not.toContain("example.com");
  await page.close();
});

test("the type of a problem leads to a page that says what to do", async () => {
  const refused = await fetch(`${siteUrl}/api/movies`);
  const { type } = (await refused.json()) as { type: string };
  expect(type).toBe(`${siteUrl}/problems/unauthenticated`);
  expect(await (await fetch(type)).text()).toContain(PROBLEMS.unauthenticated.title);
});

test("the title of the French page is in French", async () => {
  expect(await (await fetch(`${siteUrl}/demarrage`)).text()).toMatch(/<h1 lang="fr"[^>]*>Démarrage rapide/);
});

test.each(["/problems/toString", "/nowhere", "/assets/nothing.js", "/ledger/orders.json"])(
  "%s is a real 404",
  async (path) => {
    expect((await fetch(siteUrl + path)).status).toBe(404);
  },
);
