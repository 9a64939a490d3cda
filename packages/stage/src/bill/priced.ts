import { METRICS } from "@cloud-design/core/telemetry";
import { HOURS_A_MONTH, MONTH_OF, PER_USE, PROXY_CPUS } from "../prices.ts";
import {
  address,
  alarmMetrics,
  type Charge,
  CLOUDWATCH,
  EC2_OTHER,
  key,
  metrics,
  NETWORK,
  polls,
  RDS,
  secrets,
  zone,
} from "./charge.ts";
import { databaseCharges, instanceCharges, serviceCharges } from "./machines.ts";
import { known, list, record, text, unpriced } from "./properties.ts";
import type { Resource } from "./templates.ts";

/** `all` are the resources of the whole stage: a service needs its task, and a free allowance needs the others of its type. */
type Rule = (resource: Resource, all: readonly Resource[]) => Charge[];

/** Free in an account. A stage is priced as if it were alone there. */
const DASHBOARDS_FREE = 3;
/** Alarms that a policy of target tracking makes by itself: one to scale out, one to scale in. */
const ALARMS_OF_TARGET_TRACKING = 2;
/** Container Insights reports 8 metrics for a cluster, 11 for a service and 6 for a task family. */
const INSIGHTS = { cluster: 8, service: 11, family: 6 };
/** Lambda asks each of its queues with five long polls at once (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const LAMBDA_POLLS = 5;
/** An estimate: a flow log of all traffic, and everything else. */
const LOG_GB = { all: 5, rejected: 1 };
/** An estimate: what RabbitMQ keeps on a file system while few messages wait. */
const FILE_GB = 1;
/** A schedule that costs less in a month, as a weekly one does, has no line. */
const CENT = 0.01;
/** A rate in EventBridge's words, in minutes. */
const MINUTES = { minute: 1, hour: 60, day: 24 * 60 };

/** The price of each type of CloudFormation that costs money in a month without requests. */
export const PRICED: Readonly<Record<string, Rule>> = {
  "AWS::AmazonMQ::Broker": (broker) => {
    const instance = text(broker, "HostInstanceType");
    const nodes = broker.properties.DeploymentMode === "CLUSTER_MULTI_AZ" ? 3 : 1;
    const usdEach = known(broker, instance, MONTH_OF.broker(instance));
    return [{ part: "RabbitMQ", count: nodes, unit: instance, usdEach, service: "Amazon MQ" }];
  },
  "AWS::EC2::NatGateway": () => [
    { part: "NAT", count: 1, unit: "gateway", usdEach: MONTH_OF.natGateway, service: EC2_OTHER },
  ],
  "AWS::EC2::EIP": () => [address(1)],
  "AWS::EC2::Instance": instanceCharges,
  "AWS::EC2::VPCEndpoint": (endpoint) => {
    if ((endpoint.properties.VpcEndpointType ?? "Gateway") === "Gateway") return [];
    const usdEach = MONTH_OF.endpoint;
    return [
      {
        part: "Network endpoints",
        count: list(endpoint, "SubnetIds").length,
        unit: "endpoint in a zone",
        usdEach,
        service: NETWORK,
      },
    ];
  },
  "AWS::RDS::DBInstance": databaseCharges,
  "AWS::RDS::DBProxy": () => [
    {
      part: "RDS Proxy",
      count: 1,
      unit: `proxy of ${PROXY_CPUS} vCPU`,
      usdEach: MONTH_OF.proxy,
      service: RDS,
    },
  ],
  "AWS::ECS::Service": serviceCharges,
  "AWS::ECS::TaskDefinition": ownMetrics,
  "AWS::Lambda::Function": ownMetrics,
  "AWS::ECS::Cluster": (cluster, all) => {
    const settings = list(cluster, "ClusterSettings");
    const insights = settings.find(({ Name }) => Name === "containerInsights")?.Value ?? "disabled";
    if (insights === "disabled") return [];
    if (insights !== "enabled") throw unpriced(cluster, `Container Insights "${insights}"`);
    const services = all.filter(({ type }) => type === "AWS::ECS::Service").length;
    const count = INSIGHTS.cluster + services * (INSIGHTS.service + INSIGHTS.family);
    return [
      { part: "Container Insights", count, unit: "metric", usdEach: MONTH_OF.metric, service: CLOUDWATCH },
    ];
  },
  "AWS::ElasticLoadBalancingV2::LoadBalancer": (balancer) => {
    if ((balancer.properties.Type ?? "application") === "gateway") throw unpriced(balancer, "Type gateway");
    // The network balancer costs the same by the hour.
    const isPublic = balancer.properties.Scheme === "internet-facing";
    return [
      {
        part: "Balancer",
        count: 1,
        unit: balancer.properties.Type === "network" ? "NLB" : "ALB",
        usdEach: MONTH_OF.balancer,
        service: "Amazon Elastic Load Balancing",
      },
      ...(isPublic ? [address(list(balancer, "Subnets").length)] : []),
    ];
  },
  "AWS::WAFv2::WebACL": (acl) => {
    const rules = list(acl, "Rules").length;
    return [
      {
        part: "Firewall",
        count: 1,
        unit: `web ACL of ${rules} rules`,
        usdEach: MONTH_OF.webAcl(rules),
        service: "AWS WAF",
      },
    ];
  },
  "AWS::CloudWatch::Alarm": (alarm) => [alarmMetrics(metricsOf(alarm.properties.Metrics))],
  "AWS::ApplicationAutoScaling::ScalingPolicy": ({ properties }) => {
    if (properties.PolicyType !== "TargetTrackingScaling") return [];
    const { CustomizedMetricSpecification: own } = record(
      properties.TargetTrackingScalingPolicyConfiguration,
    );
    return [alarmMetrics(ALARMS_OF_TARGET_TRACKING * metricsOf(record(own).Metrics), "metric for scaling")];
  },
  "AWS::CloudWatch::CompositeAlarm": () => [
    {
      part: "Alarms on alarms",
      count: 1,
      unit: "composite alarm",
      usdEach: MONTH_OF.compositeAlarm,
      service: CLOUDWATCH,
    },
  ],
  "AWS::CloudWatch::Dashboard": (dashboard, all) => {
    const dashboards = all.filter(({ type }) => type === dashboard.type);
    if (dashboards.indexOf(dashboard) < DASHBOARDS_FREE) return [];
    return [
      {
        part: "Dashboards",
        count: 1,
        unit: "beyond three",
        usdEach: MONTH_OF.dashboard,
        service: CLOUDWATCH,
      },
    ];
  },
  // Those of the objectives have a value in each hour with a request; the others report only failures, and cost nothing without one.
  "AWS::Logs::MetricFilter": ({ stack }) => (stack === "Slos" ? [metrics(1)] : []),
  "AWS::Events::Rule": scheduleCharges,
  "AWS::Lambda::EventSourceMapping": () => [polls(LAMBDA_POLLS)],
  "AWS::EFS::FileSystem": (files) => {
    const isOneZone = files.properties.AvailabilityZoneName !== undefined;
    return [
      {
        part: "Files",
        count: FILE_GB,
        unit: isOneZone ? "GB in one zone, about" : "GB, about",
        usdEach: isOneZone ? MONTH_OF.fileGbInOneZone : MONTH_OF.fileGb,
        service: "Amazon Elastic File System",
      },
    ];
  },
  "AWS::ServiceDiscovery::PrivateDnsNamespace": () => [zone()],
  "AWS::Route53::HostedZone": () => [zone()],
  "AWS::SecretsManager::Secret": (secret) => [
    secrets("Secrets", 1, "secret"),
    ...list(secret, "ReplicaRegions").map(() => secrets("Copies of secrets", 1, "replica")),
  ],
  "AWS::KMS::Key": () => [key()],
  "AWS::KMS::ReplicaKey": () => [key()],
  "AWS::EC2::FlowLog": ({ properties }) => [
    {
      part: "Logs",
      count: properties.TrafficType === "ALL" ? LOG_GB.all : LOG_GB.rejected,
      unit: "GB, about",
      usdEach: PER_USE.logGb,
      service: CLOUDWATCH,
    },
  ],
};

/** The runs of a function by a schedule. A rule for events costs nothing without them. */
function scheduleCharges(rule: Resource): Charge[] {
  const { ScheduleExpression: schedule } = rule.properties;
  if (schedule === undefined) return [];
  const [, every, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(schedule)) ?? [];
  if (unit === undefined) throw unpriced(rule, `the schedule ${schedule}`);
  const minutes = Number(every) * MINUTES[unit as keyof typeof MINUTES];
  const count = (60 * HOURS_A_MONTH) / minutes;
  const charge: Charge =
    rule.stack === "Status"
      ? { part: "Status probe", count, unit: "check", usdEach: PER_USE.check, service: "AWS Lambda" }
      : {
          part: "Scheduled functions",
          count,
          unit: "run",
          usdEach: PER_USE.scheduledRun,
          service: "AWS Lambda",
        };
  return count * charge.usdEach < CENT ? [] : [charge];
}

/**
 * The metrics of the project's code, where a process has a namespace for them. The first such process stands for all: the table has each
 * reporter once, however many functions share its name. They are billed by the hour in which they are reported, so this is the upper bound.
 */
function ownMetrics(process: Resource, all: readonly Resource[]): Charge[] {
  if (all.find(reportsMetrics) !== process) return [];
  const count = Object.values(METRICS)
    .filter(({ isOnAws }) => isOnAws)
    .reduce((sum, { by }) => sum + by.length, 0);
  return [metrics(count)];
}

function reportsMetrics({ type, properties }: Resource): boolean {
  const isProcess = type === "AWS::Lambda::Function" || type === "AWS::ECS::TaskDefinition";
  return isProcess && JSON.stringify(properties).includes('"METRICS_NAMESPACE"');
}

/** An alarm is billed by the metrics that it reads. */
function metricsOf(metrics: unknown): number {
  return Array.isArray(metrics) ? metrics.filter(({ MetricStat }) => MetricStat).length : 1;
}
