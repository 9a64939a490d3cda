import { readApp } from "@cloud-design/stacks/testing/app";
import { settingsOf } from "@cloud-design/stage/settings";
import { expect, inject, test } from "vitest";
import { inventoryService } from "./service.ts";

test.each(["prod", "dev"] as const)("the simulated inventory of %s is that of its template", (stage) => {
  const service = inventoryService(readApp(stage, inject("outputs")[stage]));
  const { min, max } = settingsOf(stage).inventoryTasks;
  const cooldowns = { scaleOutCooldownSeconds: 300, scaleInCooldownSeconds: 300 };
  expect(service).toEqual({
    min,
    max,
    taskMsPerSecond: 250,
    policies: [
      { metric: "processor", target: 60, ...cooldowns },
      { metric: "requests", target: 12_000, ...cooldowns },
    ],
  });
});
