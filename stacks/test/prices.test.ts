import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BillLine, billOf, type TracedLine } from "@cloud-design/stage/bill/bill";
import { anomalyUsd, budgetUsd } from "@cloud-design/stage/bill/budget";
import { IDLE } from "@cloud-design/stage/bill/idle";
import { resourcesIn } from "@cloud-design/stage/bill/templates";
import { FUNCTION_MB } from "@cloud-design/stage/measured";
import { planOf } from "@cloud-design/stage/preflight/plan";
import { totalOf } from "@cloud-design/stage/prices";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { readApp, resourcesOf } from "../testing/app.ts";
import { STAGES } from "../testing/setup.ts";

const Lambda = z.object({ MemorySize: z.number().default(128) });
const Budget = z.object({
  Budget: z.object({ BudgetLimit: z.object({ Amount: z.number() }) }),
  NotificationsWithSubscribers: z.array(
    z.object({ Notification: z.object({ NotificationType: z.string(), Threshold: z.number() }) }),
  ),
});
const Monitor = z.object({ MonitorType: z.literal("CUSTOM"), MonitorSpecification: z.string() });
const Subscription = z.object({
  Frequency: z.literal("IMMEDIATE"),
  Subscribers: z.array(z.object({ Type: z.literal("SNS"), Address: z.string() })),
  ThresholdExpression: z.string(),
});
const Policy = z.object({ PolicyDocument: z.unknown() });

const withoutResources = ({ resources: _, ...line }: TracedLine): BillLine => line;

describe.each(STAGES)("the bill of %s", (stage) => {
  const directory = inject("outputs")[stage];
  const app = readApp(stage, directory);
  const lines = billOf(resourcesIn(directory));

  it("is the one that all other code reads: otherwise type `npm run cost -- --page`", () => {
    expect(lines.map(withoutResources)).toEqual(IDLE[app.preset]);
  });

  it("is the one that a deployment's plan shows", () => {
    const plan = planOf(directory, { stage, region: "us-east-1" }, true);
    expect(plan.usdMonthly).toBeCloseTo(totalOf(IDLE[app.preset]));
  });

  it("counts the running tasks of each service, and no task of a tunnel that is closed", () => {
    const services = lines.filter(({ part }) => part.startsWith("Services"));
    expect(services.flatMap(({ resources }) => resources).sort()).toEqual([
      "Billing/ServiceD69D759B",
      "Inventory/ServiceD69D759B",
    ]);
  });

  it("counts requests with the memory of their functions", () => {
    const functions = resourcesOf(app, "AWS::Lambda::Function", Lambda);
    const memory = (name: string) => functions.find((found) => found.name === name)?.properties.MemorySize;
    expect([memory("Gateway/Gateway"), memory("Orders/OrderBridge")]).toEqual([
      FUNCTION_MB.gateway,
      FUNCTION_MB.bridge,
    ]);
  });

  it("sets the budget, which rings at its forecast too", () => {
    const [{ properties } = { properties: undefined }] = resourcesOf(app, "AWS::Budgets::Budget", Budget);
    expect(properties?.Budget.BudgetLimit.Amount).toBe(budgetUsd(IDLE[app.preset], "us-east-1"));
    expect(
      properties?.NotificationsWithSubscribers.map(({ Notification: { NotificationType, Threshold } }) => [
        NotificationType,
        Threshold,
      ]),
    ).toEqual([
      ["FORECASTED", 100],
      ["ACTUAL", 100],
    ]);
  });

  it("is watched for anomalies in a hardened stage, by the stage's tag, through the operators' topic", () => {
    const monitors = resourcesOf(app, "AWS::CE::AnomalyMonitor", Monitor);
    const subscriptions = resourcesOf(app, "AWS::CE::AnomalySubscription", Subscription);
    const policies = JSON.stringify(resourcesOf(app, "AWS::SNS::TopicPolicy", Policy));
    if (app.preset !== "hardened") {
      expect([monitors, subscriptions, policies.includes("costalerts.amazonaws.com")]).toEqual([
        [],
        [],
        false,
      ]);
      return;
    }
    expect(JSON.parse(monitors[0]?.properties.MonitorSpecification ?? "")).toEqual({
      Tags: { Key: "sst:stage", Values: [stage] },
    });
    expect(subscriptions[0]?.properties.Subscribers).toEqual([{ Type: "SNS", Address: "<Alerts/Topic>" }]);
    expect(JSON.parse(subscriptions[0]?.properties.ThresholdExpression ?? "").Dimensions.Values).toEqual([
      String(anomalyUsd(IDLE.hardened)),
    ]);
    // The subscription tests whether it may publish, so the policy must stand before.
    expect(subscriptions[0]?.dependsOn).toContain("Alerts/Topic/Policy");
    expect(policies).toContain("costalerts.amazonaws.com");
    expect(JSON.stringify(app.resources.find(({ name }) => name === "Alerts/Key")?.properties)).toContain(
      "costalerts.amazonaws.com",
    );
  });
});

it("docs/deploy.md shows the plan of dev: its stacks, and its resources within a twentieth", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/deploy.md"), "utf8");
  const { stacks, resources } = planOf(inject("outputs").dev, { stage: "dev", region: "us-east-1" }, true);
  const [, said] = page.match(`creates  ${stacks.length} stacks with (\\d+) resources`) ?? [];
  expect(Math.abs(Number(said) - resources)).toBeLessThan(resources / 20);
});
