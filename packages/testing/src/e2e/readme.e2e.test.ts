import { globSync } from "node:fs";
import { ROOT } from "@cloud-design/local/platform/settings";
import { expect, inject, test } from "vitest";
import { stepsOf } from "../repository/pages.ts";
import { typePage } from "../repository/typed-page.ts";

/** The platform of that page is started with flags; `copies.start.test.ts` types it. */
const TYPED_ELSEWHERE = ["docs/tutorials/two-of-each.md"];
const PAGES = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT, exclude: TYPED_ELSEWHERE }).sort()]
  .map((page) => ({ page, steps: stepsOf(page) }))
  .filter(({ steps }) => steps.length > 0);

test.each(PAGES)("the commands of $page give the answers that it shows", async ({ steps }) => {
  await typePage(steps, inject("local"));
});

test("the README shows the first five minutes", () => {
  expect(PAGES.find(({ page }) => page === "README.md")?.steps.length).toBeGreaterThan(8);
});
