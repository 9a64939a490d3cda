import { stageSettings } from "@cloud-design/stage/preset";
import { zonesOf } from "@cloud-design/stage/regions";
import type { StageSettings } from "@cloud-design/stage/settings";
import {
  type CfnSubnet,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import type { StackContext } from "sst/constructs";
import { logGroup } from "./constructs/log-group.ts";
import { createNatInstance, secureNatInstance } from "./constructs/nat-instance.ts";

/**
 * The parts that have a security group. The groups are in this stack, so that no other stack's removal waits for a Lambda's network interfaces
 * (up to 40 minutes).
 */
const GROUPS = {
  gateway: "Lambda gateway",
  orderBridge: "Lambda order-bridge",
  migrate: "Lambda migrate",
  statusProbe: "Lambda status-probe",
  deadLetters: "Lambda dead-letters",
  personalData: "Lambda personal-data",
  importLoader: "Lambda import-loader",
  loadBalancer: "Internal balancer",
  inventory: "Fargate inventory",
  billing: "Fargate billing",
  inventoryProxy: "RDS Proxy of inventory",
  billingProxy: "RDS Proxy of billing",
  inventoryDatabase: "PostgreSQL of inventory",
  billingDatabase: "PostgreSQL of billing",
  broker: "Amazon MQ",
} as const;
export type Group = keyof typeof GROUPS;

/** The balancer's listeners. Each service has a port: both answer `/health/components`, so a path cannot tell them apart. */
export const LISTENER_PORTS = { inventory: 8080, billing: 8081 } as const;
export const CONTAINER_PORT = 8080;
const ADDRESSES = "10.0.0.0/16";
const POSTGRESQL_PORT = 5432;
const AMQPS_PORT = 5671;
const NFS_PORT = 2049;

type Edge = readonly [from: Group, to: Group, port: number];

/** All allowed connections inside the network, except the developer's tunnel below. Every other connection is refused. */
const edges = ({ hasProxy }: StageSettings): readonly Edge[] => [
  ["gateway", "loadBalancer", LISTENER_PORTS.inventory],
  ["gateway", "loadBalancer", LISTENER_PORTS.billing],
  ["loadBalancer", "inventory", CONTAINER_PORT],
  ["loadBalancer", "billing", CONTAINER_PORT],
  ["inventory", databaseOf("inventory", hasProxy), POSTGRESQL_PORT],
  ["billing", databaseOf("billing", hasProxy), POSTGRESQL_PORT],
  ["importLoader", databaseOf("inventory", hasProxy), POSTGRESQL_PORT],
  ...(hasProxy
    ? ([
        ["inventoryProxy", "inventoryDatabase", POSTGRESQL_PORT],
        ["billingProxy", "billingDatabase", POSTGRESQL_PORT],
      ] as const)
    : []),
  // Not through the proxies: they break advisory locks, and know no administrator.
  ["migrate", "inventoryDatabase", POSTGRESQL_PORT],
  ["migrate", "billingDatabase", POSTGRESQL_PORT],
  ["personalData", "billingDatabase", POSTGRESQL_PORT],
  ["orderBridge", "broker", AMQPS_PORT],
  ["billing", "broker", AMQPS_PORT],
  // It hears the events of orders.
  ["inventory", "broker", AMQPS_PORT],
  // The probe asks each part directly, and asks the broker for its backlog.
  ["statusProbe", "loadBalancer", LISTENER_PORTS.inventory],
  ["statusProbe", "loadBalancer", LISTENER_PORTS.billing],
  ["statusProbe", "broker", AMQPS_PORT],
  ["deadLetters", "broker", AMQPS_PORT],
];

/** The parts that call AWS's own endpoints (SQS, S3, Secrets Manager, ECR, logs, Cognito), whose addresses change. */
const CALLERS_OF_AWS: readonly Group[] = [
  "gateway",
  "orderBridge",
  "migrate",
  "statusProbe",
  "deadLetters",
  "personalData",
  "importLoader",
  "inventory",
  "billing",
];

/** The targets of a tunnel, in a stage that has one: the same endpoints that the services use, never a database server behind a proxy. */
const tunnelEdges = ({ hasProxy }: StageSettings): readonly (readonly [to: Group, port: number])[] => [
  ["loadBalancer", LISTENER_PORTS.inventory],
  ["loadBalancer", LISTENER_PORTS.billing],
  [databaseOf("inventory", hasProxy), POSTGRESQL_PORT],
  [databaseOf("billing", hasProxy), POSTGRESQL_PORT],
  ["broker", AMQPS_PORT],
];

/** The end at which a service finds its database. */
function databaseOf<Noun extends "inventory" | "billing">(noun: Noun, hasProxy: boolean) {
  return `${noun}${hasProxy ? "Proxy" : "Database"}` as const;
}

/**
 * Public subnets hold only the NAT gateways or the NAT instance, private ones the functions and tasks, isolated ones the data, with no route out.
 * The network costs its NAT. There are no interface endpoints: Cognito's keys need the NAT anyway, and an endpoint ($7.30 a month in each zone)
 * pays only from about 210 GB a month in each zone. The large transfers, image layers, come through S3's free gateway endpoint.
 */
export function Network({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const zones = zonesOf(app.region).slice(0, settings.zones);
  // The L2 compares its zones with the stack's own list, which needs a look-up in the account; an offline build cannot make it.
  Object.defineProperty(stack, "availabilityZones", { value: zones });
  const natInstance = settings.nat === "instance" ? createNatInstance() : undefined;
  const vpc = new Vpc(stack, "Vpc", {
    ipAddresses: IpAddresses.cidr(ADDRESSES),
    availabilityZones: zones,
    natGateways: settings.natGateways,
    ...(natInstance && { natGatewayProvider: natInstance }),
    // 4,091 addresses each: a deployment doubles the tasks, and Lambda's interfaces need some too.
    subnetConfiguration: [
      { name: "public", subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
      { name: "private", subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 },
      { name: "isolated", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
    ],
    gatewayEndpoints: {
      S3: {
        service: GatewayVpcEndpointAwsService.S3,
        subnets: [{ subnetType: SubnetType.PRIVATE_WITH_EGRESS }],
      },
    },
    restrictDefaultSecurityGroup: true,
  });
  placeByZoneId(vpc, zones);
  if (natInstance) secureNatInstance(stack, natInstance, ADDRESSES);
  vpc.addFlowLog("FlowLog", {
    destination: FlowLogDestination.toCloudWatchLogs(logGroup(stack, "FlowLogs", settings)),
    trafficType: FlowLogTrafficType[settings.flowLogTraffic],
  });
  const groups = createGroups(stack, vpc, settings);
  return {
    vpc,
    groups,
    ...(settings.brokerInstance === "container" && {
      brokerFilesGroup: createBrokerFilesGroup(stack, vpc, groups),
    }),
    ...(settings.tunnelHours > 0 && { tunnelGroup: createTunnelGroup(stack, vpc, { groups, settings }) }),
  };
}

/** Zone ids: the L2 knows zones only by their letter, which names another place in each account. */
function placeByZoneId(vpc: Vpc, zones: readonly string[]): void {
  for (const subnets of [vpc.publicSubnets, vpc.privateSubnets, vpc.isolatedSubnets]) {
    for (const [index, subnet] of subnets.entries()) {
      const cfnSubnet = subnet.node.defaultChild as CfnSubnet;
      cfnSubnet.addPropertyDeletionOverride("AvailabilityZone");
      cfnSubnet.availabilityZoneId = zones[index];
    }
  }
}

/** The groups of proxies exist without them too: a deployment that takes a proxy away could not delete its group before it. */
function createGroups(
  stack: StackContext["stack"],
  vpc: Vpc,
  settings: StageSettings,
): Record<Group, SecurityGroup> {
  const entries = Object.entries(GROUPS).map(([name, description]) => {
    const group = new SecurityGroup(stack, `${name}Group`, { vpc, description, allowAllOutbound: false });
    return [name, group];
  });
  const groups: Record<Group, SecurityGroup> = Object.fromEntries(entries);
  for (const [from, to, port] of edges(settings)) {
    connect([groups[from], GROUPS[from]], [groups[to], GROUPS[to]], port);
  }
  for (const name of CALLERS_OF_AWS) callAws(groups[name]);
  return groups;
}

function createTunnelGroup(
  stack: StackContext["stack"],
  vpc: Vpc,
  { groups, settings }: { groups: Record<Group, SecurityGroup>; settings: StageSettings },
): SecurityGroup {
  const description = "Tunnel of a developer";
  const group = new SecurityGroup(stack, "tunnelGroup", { vpc, description, allowAllOutbound: false });
  for (const [to, port] of tunnelEdges(settings))
    connect([group, description], [groups[to], GROUPS[to]], port);
  callAws(group); // ECS Exec's agent calls AWS to learn which ports to forward
  return group;
}

/** A broker in a container calls its files, and AWS for its image, secrets and log. Amazon MQ's calls nothing. */
function createBrokerFilesGroup(
  stack: StackContext["stack"],
  vpc: Vpc,
  groups: Record<Group, SecurityGroup>,
): SecurityGroup {
  const description = "EFS of the broker";
  const group = new SecurityGroup(stack, "brokerFilesGroup", { vpc, description, allowAllOutbound: false });
  connect([groups.broker, GROUPS.broker], [group, description], NFS_PORT);
  callAws(groups.broker);
  return group;
}

type Named = readonly [group: SecurityGroup, name: string];

function connect([from, fromName]: Named, [to, toName]: Named, port: number): void {
  const description = `${fromName} to ${toName}`;
  to.addIngressRule(from, Port.tcp(port), description);
  from.addEgressRule(to, Port.tcp(port), description);
}

function callAws(group: SecurityGroup): void {
  group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "Endpoints of AWS");
}
