import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@cloud-design/local/platform/settings";
import { presetOfStage, readApp } from "@cloud-design/stacks/testing/app";
import { settingsOf } from "@cloud-design/stage/settings";
import { expect, inject, test } from "vitest";
import { figuresOf } from "./figures.ts";
import { hopsOf } from "./hops.ts";
import { growthPage } from "./report.ts";

const STAGES = ["prod", "dev", "learner"] as const;
const figures = (stage: (typeof STAGES)[number]) => figuresOf(readApp(stage, inject("outputs")[stage]));

test.each(STAGES)("the limits of %s are those of its templates", (stage) => {
  const settings = settingsOf(presetOfStage(stage));
  const { inventory, billing, databases, isShared, reserved } = figures(stage);
  expect([inventory, billing]).toEqual([
    { ...settings.inventoryTasks, msPerSecond: 250 },
    { ...settings.billingTasks, msPerSecond: 250 },
  ]);
  expect(databases.billing.className).toBe(`db.${settings.databaseInstance}`);
  expect(isShared).toBe(settings.databaseServers === 1);
  expect(reserved).toEqual({
    gateway: settings.gatewayConcurrency,
    orderGateway: settings.orderGatewayConcurrency,
  });
});

test("docs/growth.md shows the limits of prod: `npm run limits -- --page` writes them", () => {
  const page = readFileSync(join(ROOT, "docs/growth.md"), "utf8");
  expect(page).toContain(growthPage(hopsOf(figures("prod"))));
});
