import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { ROOT } from "@cloud-design/local/platform/settings";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { blocksOf } from "../repository/pages.ts";
import { onThisPlatform, platform } from "./client.ts";
import { tokens } from "./tokens.ts";

const siteUrl = platform.parts.site?.url ?? "";
/** Pages with commands to copy, each with its path on the site. */
const PAGES = globSync("docs/**/*.md", { cwd: ROOT, exclude: ["docs/incidents/**"] })
  .sort()
  .filter((page) => blocksOf(page).some(({ language }) => language === "sh"))
  .map((page) => ({ page, path: page.slice("docs".length, -".md".length) }));

let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  browser = await chromium.connect(inject("browserEndpoint"));
  context = await browser.newContext();
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: siteUrl });
});
afterAll(() => browser.close());

/** The clipboard after a click on each copy button within `frames`. */
async function copied(page: Page, frames: string): Promise<string[]> {
  const texts: string[] = [];
  for (const button of await page.locator(`${frames} .copy button`).all()) {
    await page.evaluate(`navigator.clipboard.writeText("")`);
    await button.click({ force: true });
    await expect.poll(() => page.evaluate(`navigator.clipboard.readText()`)).not.toBe("");
    texts.push(await page.evaluate<string>(`navigator.clipboard.readText()`));
  }
  return texts;
}

test.each(PAGES)(
  "the buttons of $path copy only the commands, as the page's own test types them",
  async ({ page: source, path }) => {
    const page = await context.newPage();
    await page.goto(siteUrl + path);
    const texts = await copied(page, ".frame.is-terminal");
    // The site leaves out a line that is only a remark.
    const commands = blocksOf(source).filter(({ language }) => language === "sh");
    expect(texts).toEqual(commands.map(({ text }) => onThisPlatform(text.replaceAll(/^ *#.*\n+/gm, ""))));
    for (const text of texts) execFileSync("bash", ["-n"], { input: text });

    const answers = new Set(
      blocksOf(source)
        .filter(({ kind }) => kind === "answer")
        .map(({ text }) => onThisPlatform(text)),
    );
    const others = await copied(page, ".frame:not(.is-terminal)");
    expect([...texts, ...others].filter((text) => answers.has(text))).toEqual([]);
    await page.close();
  },
);

test("the order of the reference, pasted twice with another amount, is two orders", async () => {
  const page = await context.newPage();
  await page.goto(`${siteUrl}/reference/operations/placeorder`);
  const [sample = ""] = (await copied(page, ".frame:visible")).filter((text) => text.startsWith("curl"));
  await page.close();
  const token = tokens.ordinary;
  const place = (amount: string) => {
    const command = sample.replace("<token>", token).replace('"180"', `"${amount}"`);
    return JSON.parse(execFileSync("bash", ["-c", `${command} --silent`], { encoding: "utf8" }));
  };
  const orders = [place("180"), place("19.90")];
  expect(orders.map(({ total_amount }) => total_amount)).toEqual(["180.00", "19.90"]);
  for (const { id } of orders) {
    const headers = { authorization: `Bearer ${token}` };
    const ask = async () => (await fetch(`${siteUrl}/api/billing/orders/${id}`, { headers })).json();
    await expect.poll(ask).toMatchObject({ status: "recorded" });
  }
});
