import { describe, expect, it, test } from "vitest";
import { HOURS_A_MONTH, MONTH_OF, totalOf } from "../prices.ts";
import { PRESETS } from "../settings.ts";
import { billOf } from "./bill.ts";
import { anomalyUsd, budgetUsd } from "./budget.ts";
import { PARTS } from "./charge.ts";
import { commitmentsFor } from "./commitments.ts";
import { FREE } from "./free.ts";
import { IDLE } from "./idle.ts";
import { PRICED } from "./priced.ts";
import { standingBill } from "./standing.ts";
import { savingsOf } from "./switches.ts";
import type { Resource } from "./templates.ts";

let count = 0;
const resource = (type: string, properties: Resource["properties"] = {}, stack = "Network", id?: string) => ({
  stack,
  id: id ?? `R${count++}`,
  type,
  properties,
});
const lines = (...resources: Resource[]) =>
  billOf(resources).map(({ part, count: times, unit, usdMonthly }) => [part, times, unit, usdMonthly]);

/** A service with its task and its scaling. */
const service = (
  stack: string,
  { min, spot = "FARGATE" }: { min?: number; spot?: string },
  network = {},
): Resource[] => [
  resource(
    "AWS::ECS::Service",
    {
      TaskDefinition: { Ref: "Task" },
      DesiredCount: 3,
      CapacityProviderStrategy: [{ CapacityProvider: spot, Weight: 1 }],
      NetworkConfiguration: { AwsvpcConfiguration: network },
    },
    stack,
    "Service",
  ),
  resource(
    "AWS::ECS::TaskDefinition",
    { Cpu: "256", Memory: "1024", RuntimePlatform: { CpuArchitecture: "ARM64" } },
    stack,
    "Task",
  ),
  ...(min === undefined
    ? []
    : [
        resource(
          "AWS::ApplicationAutoScaling::ScalableTarget",
          {
            MinCapacity: min,
            ResourceId: { "Fn::Join": ["", ["x", { "Fn::GetAtt": ["Service", "Name"] }]] },
          },
          stack,
        ),
      ]),
];

describe("the bill of templates", () => {
  it("fails at a type that has neither a price nor a reason to be free, and names it", () => {
    expect(() => billOf([resource("AWS::Kinesis::Stream", {}, "Orders", "Stream")])).toThrow(
      "The bill knows no price for AWS::Kinesis::Stream (Orders/Stream)",
    );
  });

  it.each([
    ["AWS::AmazonMQ::Broker", { HostInstanceType: "mq.m5.large" }, "mq.m5.large"],
    ["AWS::RDS::DBInstance", { DBInstanceClass: "db.r8g.large", AllocatedStorage: "20" }, "db.r8g.large"],
    ["AWS::RDS::DBInstance", { DBInstanceClass: "db.t4g.micro" }, "AllocatedStorage"],
    ["AWS::EC2::Instance", { InstanceType: "x9.huge" }, "x9.huge"],
    [
      "AWS::ECS::Cluster",
      { ClusterSettings: [{ Name: "containerInsights", Value: "enhanced" }] },
      "enhanced",
    ],
  ])("fails at a %s whose size %j has no price", (type, properties, named) => {
    expect(() => billOf([resource(type, properties)])).toThrow(
      new RegExp(`no price for .*${named}.* of ${type}`),
    );
  });

  it("gives each free type a reason, and no type two rules", () => {
    for (const [type, why] of Object.entries(FREE)) {
      expect(why.length).toBeGreaterThan(3);
      expect(PRICED[type]).toBeUndefined();
    }
    expect(lines(resource("AWS::IAM::Role"), resource("Custom::Anything"))).toEqual([]);
  });

  it("counts three nodes of a cluster, and one otherwise", () => {
    const broker = (DeploymentMode: string) =>
      lines(resource("AWS::AmazonMQ::Broker", { DeploymentMode, HostInstanceType: "mq.m7g.large" }));
    expect(broker("CLUSTER_MULTI_AZ")).toEqual([["RabbitMQ", 3, "mq.m7g.large", 598.746]]);
    expect(broker("SINGLE_INSTANCE")).toEqual([["RabbitMQ", 1, "mq.m7g.large", 199.582]]);
  });

  it("doubles a database with a standby and its disk, and adds the copies of its backups", () => {
    const database = { DBInstanceClass: "db.t4g.small", AllocatedStorage: "20", MultiAZ: true };
    expect(
      lines(resource("AWS::RDS::DBInstance", { ...database, AutomaticBackupReplicationRegion: "us-west-2" })),
    ).toEqual([
      ["PostgreSQL", 1, "db.t4g.small, Multi-AZ", 46.72],
      ["PostgreSQL's disk", 20, "GB, Multi-AZ", 4.6],
      ["Copies of backups", 20, "GB, at most", 1.9],
    ]);
  });

  it("takes a service's least tasks from its scaling, and otherwise its own number", () => {
    const usd = (tasks: number) => Number((tasks * MONTH_OF.task).toFixed(6));
    expect(lines(...service("Billing", { min: 2 }))).toEqual([["Services", 2, "0.25 vCPU, 1 GB", usd(2)]]);
    expect(lines(...service("Billing", {}))).toEqual([["Services", 3, "0.25 vCPU, 1 GB", usd(3)]]);
    expect(lines(...service("Billing", { min: 2, spot: "FARGATE_SPOT" }))).toEqual([
      ["Services on Spot", 2, "0.25 vCPU, 1 GB", usd(0.6)],
    ]);
  });

  it("puts the broker's container on the broker's line, and a task's public address on its own", () => {
    expect(lines(...service("Broker", { min: 1 }, { AssignPublicIp: "ENABLED" }))).toEqual([
      ["RabbitMQ", 1, "0.25 vCPU, 1 GB", 8.50815],
      ["Public addresses", 1, "address", 3.65],
    ]);
  });

  it("prices a NAT instance with its disk, and its address once", () => {
    const nat = (...others: Resource[]) =>
      lines(
        resource("AWS::EC2::Subnet", { MapPublicIpOnLaunch: true }, "Network", "Public"),
        resource(
          "AWS::EC2::Instance",
          { InstanceType: "t4g.nano", SubnetId: { Ref: "Public" } },
          "Network",
          "Nat",
        ),
        ...others,
      );
    const own = resource("AWS::EC2::EIP", { InstanceId: { Ref: "Nat" } });
    const expected = [
      ["NAT", 1, "t4g.nano", 3.066],
      ["NAT", 8, "GB of disk", 0.64],
      ["Public addresses", 1, "address", 3.65],
    ];
    expect(nat()).toEqual(expected);
    expect(nat(own)).toEqual(expected);
  });

  it("prices files and names", () => {
    expect(
      lines(resource("AWS::EFS::FileSystem"), resource("AWS::ServiceDiscovery::PrivateDnsNamespace")),
    ).toEqual([
      ["Files", 1, "GB, about", 0.3],
      ["Names", 1, "hosted zone", 0.5],
    ]);
  });

  it("counts an alarm by its metrics, and the two alarms that target tracking makes", () => {
    const metrics = [{ Expression: "a + b" }, { MetricStat: {} }, { MetricStat: {} }];
    const policy = (specification: object) =>
      resource("AWS::ApplicationAutoScaling::ScalingPolicy", {
        PolicyType: "TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration: specification,
      });
    expect(
      lines(
        resource("AWS::CloudWatch::Alarm", { MetricName: "Errors" }),
        resource("AWS::CloudWatch::Alarm", { Metrics: metrics }),
        policy({ PredefinedMetricSpecification: {} }),
        policy({ CustomizedMetricSpecification: { Metrics: metrics } }),
      ),
    ).toEqual([
      ["Alarms", 1 + 2, "metric", 0.3],
      ["Alarms", 2 + 4, "metric for scaling", 0.6],
    ]);
  });

  it("counts dashboards beyond the three that are free", () => {
    const dashboards = Array.from({ length: 5 }, () => resource("AWS::CloudWatch::Dashboard"));
    expect(lines(...dashboards.slice(0, 3))).toEqual([]);
    expect(lines(...dashboards)).toEqual([["Dashboards", 2, "beyond three", 6]]);
  });

  it("counts the metrics of the code only where a process has a namespace for them, and only once", () => {
    const lambda = (Variables: object) => resource("AWS::Lambda::Function", { Environment: { Variables } });
    expect(lines(lambda({ LOG_LEVEL: "info" }))).toEqual([]);
    const one = lines(lambda({ METRICS_NAMESPACE: "x" }));
    expect(one).toEqual([["Metrics of our own", expect.any(Number), "metric", expect.any(Number)]]);
    expect(lines(lambda({ METRICS_NAMESPACE: "x" }), lambda({ METRICS_NAMESPACE: "x" }))).toEqual(one);
  });

  it("counts the probe's runs by its schedule", () => {
    const probe = (ScheduleExpression: string) =>
      lines(resource("AWS::Events::Rule", { ScheduleExpression }, "Status"))[0]?.[1];
    expect([probe("rate(1 minute)"), probe("rate(5 minutes)")]).toEqual([
      60 * HOURS_A_MONTH,
      12 * HOURS_A_MONTH,
    ]);
    expect(
      lines(
        resource("AWS::Events::Rule", { ScheduleExpression: "rate(5 minutes)" }, "Sleep"),
        resource("AWS::Events::Rule", { ScheduleExpression: "rate(7 days)" }, "Cluster"),
        resource("AWS::Events::Rule", { EventPattern: {} }, "Alarms"),
      ),
    ).toMatchObject([["Scheduled functions", 12 * HOURS_A_MONTH, "run", expect.any(Number)]]);
    expect(() => probe("cron(0 8 * * ? *)")).toThrow("no price for the schedule cron(0 8 * * ? *)");
  });

  it("says which resources are in a line", () => {
    expect(
      billOf([resource("AWS::EC2::EIP", {}, "Network", "One"), resource("AWS::EC2::EIP", {}, "Edge", "Two")]),
    ).toEqual([
      {
        part: "Public addresses",
        count: 2,
        unit: "address",
        usdMonthly: 7.3,
        service: "Amazon Virtual Private Cloud",
        resources: ["Network/One", "Edge/Two"],
      },
    ]);
  });
});

test("a dearer preset costs more, and each part has its place", () => {
  const [learner = 0, standard = 0, hardened = 0] = PRESETS.map((preset) => totalOf(IDLE[preset]));
  expect(learner).toBeLessThan(standard);
  expect(standard).toBeLessThan(hardened);
  for (const preset of PRESETS) for (const { part } of IDLE[preset]) expect(PARTS).toContain(part);
});

test("the budget is over the idle month, and a second one of its size is over the budget", () => {
  for (const preset of PRESETS) {
    const total = totalOf(IDLE[preset]);
    expect(budgetUsd(IDLE[preset], "us-east-1")).toBeGreaterThan(1.2 * total);
    expect(budgetUsd(IDLE[preset], "us-east-1")).toBeLessThan(1.5 * total);
    expect(budgetUsd(IDLE[preset], "us-east-1") % 5).toBe(0);
    // A month of 31 days, in the dearest region.
    expect(budgetUsd(IDLE[preset], "eu-central-1")).toBeGreaterThan((1.2 * total * 31 * 24) / HOURS_A_MONTH);
  }
  expect(anomalyUsd(IDLE.hardened)).toBeCloseTo((totalOf(IDLE.hardened) * 24) / HOURS_A_MONTH, -1);
});

test("the bill of a learner's stage with a proxy has the proxy, in its place, and other presets have theirs once", () => {
  const lines = standingBill("learner", true);
  expect(totalOf(lines) - totalOf(IDLE.learner)).toBeCloseTo(21.9);
  const parts = lines.map(({ part }) => part);
  expect(parts).toEqual(parts.toSorted((one, other) => PARTS.indexOf(one) - PARTS.indexOf(other)));
  expect(standingBill("learner", false)).toBe(IDLE.learner);
  expect(standingBill("standard", true)).toBe(IDLE.standard);
});

test("each saving is a part of the bill, and the cheapest preset has no further one", () => {
  for (const { setting, usd, why } of savingsOf(IDLE)) {
    expect(why, setting).not.toBe("");
    for (const preset of PRESETS) expect(usd[preset]).toBeLessThan(totalOf(IDLE[preset]));
    expect(usd.learner, setting).toBeCloseTo(0);
    expect(usd.hardened, setting).toBeGreaterThan(0);
  }
  const saved = new Map(savingsOf(IDLE).map(({ setting, usd }) => [setting, usd.hardened]));
  // Two of three nodes, two of three gateways with their addresses, half of two servers.
  expect(saved.get("brokerMode")).toBeCloseTo(399.16, 1);
  expect(saved.get("natGateways")).toBeCloseTo(73, 1);
  expect(saved.get("isDatabaseMultiAz")).toBeCloseTo(51.32, 1);
});

test("a commitment covers what runs on demand, and pays before its year is over", () => {
  const names = (preset: (typeof PRESETS)[number]) => commitmentsFor(IDLE[preset]).map(({ name }) => name);
  expect(names("hardened")).toEqual(["Reserved instances of RDS", "Compute Savings Plan for Fargate"]);
  for (const { usdMonthly, usdOnce, usdSavedMonthly, paysAfterMonths } of commitmentsFor(IDLE.hardened)) {
    expect(usdOnce + 12 * usdSavedMonthly).toBeCloseTo(12 * usdMonthly);
    expect(paysAfterMonths).toBeLessThan(12);
  }
  expect(commitmentsFor(IDLE.hardened.filter(({ part }) => part === "RabbitMQ"))).toEqual([]);
  expect(commitmentsFor(billOf(service("Billing", { min: 2, spot: "FARGATE_SPOT" })))).toEqual([]);
});
