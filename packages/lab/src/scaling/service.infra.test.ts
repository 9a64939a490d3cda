import { readApp } from "@cloud-design/stacks/testing/app";
import { stageSettings } from "@cloud-design/stage/preset";
import { expect, inject, test } from "vitest";
import { inventoryService, orderWay } from "./service.ts";

test.each(["prod", "dev"] as const)("the simulated inventory of %s is that of its template", (stage) => {
  const service = inventoryService(readApp(stage, inject("outputs")[stage]));
  const { min, max } = stageSettings(stage).inventoryTasks;
  const cooldowns = { scaleOutCooldownSeconds: 300, scaleInCooldownSeconds: 300 };
  expect(service).toEqual({
    min,
    max,
    taskMsPerSecond: 250,
    policies: [
      { metric: "processor", target: 50, ...cooldowns },
      { metric: "requests", target: 9_000, ...cooldowns },
    ],
    stepPolicies: [
      {
        metric: "requests",
        threshold: 18_000,
        periods: 1,
        cooldownSeconds: 300,
        steps: [
          { above: 0, percent: 100 },
          { above: 9_000, percent: 200 },
        ],
      },
    ],
  });
});

test.each(["prod", "dev"] as const)("the simulated way of orders in %s is that of its template", (stage) => {
  expect(orderWay(readApp(stage, inject("outputs")[stage]), 5_000)).toEqual({
    bridgePerSecond: stage === "prod" ? 3_000 : 400,
    rabbitmqMax: 100_000,
    taskPerSecond: 5_000,
    ...stageSettings(stage).billingTasks,
    target: 5_000,
    queues: ["sqs", "rabbitmq"],
  });
});
