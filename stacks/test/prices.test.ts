import { readFileSync } from "node:fs";
import { join } from "node:path";
import { METRICS } from "@cloud-design/core/telemetry";
import { FUNCTION_MB } from "@cloud-design/stage/measured";
import { planOf } from "@cloud-design/stage/preflight/plan";
import { stageSettings } from "@cloud-design/stage/preset";
import { idleMonth } from "@cloud-design/stage/prices";
import { describe, expect, inject, it } from "vitest";
import * as z from "zod";
import { type App, readApp, resourcesOf } from "../testing/app.ts";
import { STAGES } from "../testing/setup.ts";

const Anything = z.looseObject({});
const Broker = z.object({ DeploymentMode: z.string(), HostInstanceType: z.string() });
const Database = z.object({
  AllocatedStorage: z.coerce.number(),
  DBInstanceClass: z.string(),
  MultiAZ: z.boolean().default(false),
  AutomaticBackupReplicationRegion: z.string().optional(),
});
const Secret = z.object({ ReplicaRegions: z.array(Anything).default([]) });
const Scaling = z.object({ MinCapacity: z.number() });
const Task = z.object({ Memory: z.coerce.number() });
const WebAcl = z.object({ Rules: z.array(Anything) });
const Alarm = z.object({ Metrics: z.array(z.object({ MetricStat: Anything.optional() })).optional() });
const Lambda = z.object({ MemorySize: z.number().default(128) });
const Endpoint = z.object({ VpcEndpointType: z.string().default("Gateway") });

const count = (app: App, type: string) => resourcesOf(app, type, Anything).length;
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** An alarm is billed by the metrics that it reads. */
function alarmMetricsOf(app: App): number {
  const alarms = resourcesOf(app, "AWS::CloudWatch::Alarm", Alarm);
  return sum(
    alarms.map(({ properties }) => properties.Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1),
  );
}

/** The learner's stage has a bill of its own. */
const BILLED = STAGES.filter((stage) => stage !== "learner");

describe.each(BILLED)("the bill of %s", (stage) => {
  const app = readApp(stage, inject("outputs")[stage]);
  const lines = new Map(idleMonth(stageSettings(stage)).map((line) => [line.part, line]));
  const billed = (part: string) => lines.get(part)?.count;

  it("counts the resources of the templates", () => {
    const [broker] = resourcesOf(app, "AWS::AmazonMQ::Broker", Broker);
    expect(billed("RabbitMQ")).toBe(broker?.properties.DeploymentMode === "CLUSTER_MULTI_AZ" ? 3 : 1);
    expect(lines.get("RabbitMQ")?.unit).toBe(broker?.properties.HostInstanceType);
    expect(billed("NAT")).toBe(count(app, "AWS::EC2::NatGateway"));
    expect(billed("RDS Proxy")).toBe(count(app, "AWS::RDS::DBProxy"));
    for (const { name, properties } of resourcesOf(app, "AWS::ECS::TaskDefinition", Task)) {
      if (name === "Tunnel/Task") continue;
      expect(lines.get("Services")?.unit).toBe(`Fargate task of ${properties.Memory / 1_024} GB`);
    }
    const tasks = resourcesOf(app, "AWS::ApplicationAutoScaling::ScalableTarget", Scaling);
    expect(sum([billed("Services") ?? 0, billed("Services on Spot") ?? 0])).toBe(
      sum(tasks.map(({ properties }) => properties.MinCapacity)),
    );
    expect(billed("Balancer")).toBe(count(app, "AWS::ElasticLoadBalancingV2::LoadBalancer"));
    expect(billed("Alarms")).toBe(alarmMetricsOf(app));
    const reporters = Object.values(METRICS).flatMap(({ isOnAws, by }) => (isOnAws ? by : []));
    const counted = resourcesOf(app, "AWS::Logs::MetricFilter", Anything).filter(
      // The others report only failures, and cost nothing without one.
      ({ name }) => name.startsWith("Slos/"),
    );
    expect(billed("Metrics of our own")).toBe(reporters.length + counted.length);
    expect(billed("Alarms on alarms")).toBe(count(app, "AWS::CloudWatch::CompositeAlarm"));
    expect(billed("Secrets")).toBe(count(app, "AWS::SecretsManager::Secret"));
    const secrets = resourcesOf(app, "AWS::SecretsManager::Secret", Secret);
    expect(billed("Copies of secrets")).toBe(
      sum(secrets.map(({ properties }) => properties.ReplicaRegions.length)),
    );
    expect(billed("Keys")).toBe(count(app, "AWS::KMS::Key"));
    expect(billed("Firewall")).toBe(count(app, "AWS::WAFv2::WebACL"));
    expect(resourcesOf(app, "AWS::WAFv2::WebACL", WebAcl)[0]?.properties.Rules).toHaveLength(4);
  });

  it("has the databases at their size, and the standby twice", () => {
    const databases = resourcesOf(app, "AWS::RDS::DBInstance", Database).map(({ properties }) => properties);
    expect(billed("PostgreSQL")).toBe(databases.length);
    expect(billed("PostgreSQL's disk")).toBe(sum(databases.map(({ AllocatedStorage }) => AllocatedStorage)));
    const copied = databases.filter((database) => database.AutomaticBackupReplicationRegion);
    expect(billed("Copies of backups")).toBe(sum(copied.map(({ AllocatedStorage }) => AllocatedStorage)));
    for (const { DBInstanceClass, MultiAZ } of databases) {
      expect(lines.get("PostgreSQL")?.unit).toBe(MultiAZ ? `${DBInstanceClass}, Multi-AZ` : DBInstanceClass);
    }
  });

  it("counts requests with the memory of their functions", () => {
    const functions = resourcesOf(app, "AWS::Lambda::Function", Lambda);
    const memory = (name: string) => functions.find((found) => found.name === name)?.properties.MemorySize;
    expect([memory("Gateway/Gateway"), memory("Orders/OrderBridge")]).toEqual([
      FUNCTION_MB.gateway,
      FUNCTION_MB.bridge,
    ]);
  });

  it("lists every resource that is billed by the hour", () => {
    expect(count(app, "AWS::EC2::EIP")).toBe(billed("NAT"));
    for (const { properties } of resourcesOf(app, "AWS::EC2::VPCEndpoint", Endpoint)) {
      expect(properties.VpcEndpointType).toBe("Gateway"); // free of charge
    }
    // Three dashboards are free.
    expect(billed("Dashboards")).toBe(Math.max(0, count(app, "AWS::CloudWatch::Dashboard") - 3));
    // A tunnel's task is billed only while a developer has a tunnel open (docs/cost.md).
    expect([1, 2, stageSettings(stage).tunnelHours > 0 ? 3 : 2]).toEqual([
      count(app, "AWS::ECS::Cluster"),
      count(app, "AWS::ECS::Service"),
      count(app, "AWS::ECS::TaskDefinition"),
    ]);
  });
});

it("each stage costs less than its budget when idle, and little enough less that one month of a mistake rings", () => {
  for (const stage of BILLED) {
    const settings = stageSettings(stage);
    const total = sum(idleMonth(settings).map(({ usdMonthly }) => usdMonthly));
    expect(total).toBeGreaterThan(0.7 * settings.budgetUsdMonthly);
    expect(total).toBeLessThan(settings.budgetUsdMonthly);
  }
});

it("docs/deploy.md shows the plan of dev: its stacks, and its resources within a twentieth", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/deploy.md"), "utf8");
  const { stacks, resources } = planOf(inject("outputs").dev, { stage: "dev", region: "us-east-1" }, true);
  const [, said] = page.match(`creates  ${stacks.length} stacks with (\\d+) resources`) ?? [];
  expect(Math.abs(Number(said) - resources)).toBeLessThan(resources / 20);
});
