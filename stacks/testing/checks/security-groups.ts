import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { CARRIERS, EDGES, NETWORK } from "../expected-network.ts";
import { nameOf, referencesIn } from "../references.ts";
import { compareSets } from "./compare.ts";

const Rule = z.object({
  IpProtocol: z.string(),
  FromPort: z.number().optional(),
  ToPort: z.number().optional(),
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
  DestinationSecurityGroupId: z.string().optional(),
  SourcePrefixListId: z.string().optional(),
  DestinationPrefixListId: z.string().optional(),
});
const Group = z.object({
  SecurityGroupIngress: z.array(Rule).default([]),
  SecurityGroupEgress: z.array(Rule).default([]),
});
const RuleOfGroup = Rule.extend({ GroupId: z.string() });

type Direction = "Ingress" | "Egress";

interface Permission {
  group: string;
  /** Another group's name, or an address range. */
  peer: string;
  isGroup: boolean;
  port: string;
}

/** The allowed connections are exactly the list, at both ends, and so is the list of groups that each resource carries. */
export function securityGroups(app: App): string[] {
  const ingress = permissions(app, "Ingress").map(({ group, peer, port }) => `${peer} -> ${group} :${port}`);
  const egress = permissions(app, "Egress").map(({ group, peer, port }) => `${group} -> ${peer} :${port}`);
  const isInside = (edge: string) => !edge.includes("0.0.0.0/0");
  const carriers = carriersOf(app).map(({ name, group }) => `${name} carries ${group}`);
  return [
    ...compareSets("Ingress", ingress, EDGES[app.preset].filter(isInside)),
    ...compareSets(
      "Egress",
      egress,
      // The network itself has no group.
      EDGES[app.preset].filter((edge) => !edge.startsWith(NETWORK)),
    ),
    ...compareSets("Carrier", carriers, CARRIERS[app.preset]),
  ];
}

/** `gateway -> loadBalancer`: the connections between groups, by the group that opens them. */
export function groupEdges(app: App): string[] {
  return permissions(app, "Ingress").flatMap(({ group, peer, isGroup }) =>
    isGroup ? `${peer} -> ${group}` : [],
  );
}

/** No chain of groups leads from the internet to the data or the internal services, and each of these has no public address. */
export function internetPaths(app: App): string[] {
  const rules = permissions(app, "Ingress");
  const reached = new Set(
    rules.filter(({ isGroup, peer }) => !isGroup && peer !== NETWORK).map(({ group }) => group),
  );
  // Groups reached from the internet are added while the loop runs.
  for (const group of reached) {
    for (const rule of rules) if (rule.peer === group) reached.add(rule.group);
  }
  const exposed = carriersOf(app).filter(({ group }) => reached.has(group));
  return [
    ...exposed.map(({ name, group }) => `The internet reaches ${name} through ${group}`),
    ...publicAddresses(app),
  ];
}

/** Calls to outside addresses are HTTPS. */
export function egressPorts(app: App): string[] {
  return permissions(app, "Egress")
    .filter(({ isGroup, port }) => !isGroup && port !== "443")
    .map(({ group, peer, port }) => `${group} may call ${peer} on port ${port}, and not only 443`);
}

/** EC2 refuses a description with any other character, such as an apostrophe, but only when it creates the group. */
const DESCRIPTION = /^[\w .:/()#,@[\]+=&;{}!$*-]{0,255}$/;

export function descriptions({ resources }: App): string[] {
  return resources
    .filter(({ type }) => type.startsWith("AWS::EC2::SecurityGroup"))
    .flatMap(({ name, properties }) =>
      descriptionsIn(properties)
        .filter((text) => !DESCRIPTION.test(text))
        .map((text) => `${name} says what EC2 refuses: ${text}`),
    );
}

function descriptionsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    /Description$/.test(key) && typeof item === "string" ? [item] : descriptionsIn(item),
  );
}

/** CDK's placeholder for no egress at all; EC2 would replace an empty list by a rule that allows everything. */
const NOWHERE = "255.255.255.255/32";

function permissions(app: App, direction: Direction): Permission[] {
  const inline = resourcesOf(app, "AWS::EC2::SecurityGroup", Group).flatMap(({ name, properties }) =>
    properties[`SecurityGroup${direction}`].map((rule) => ({ group: labelOf(name), ...peerOf(rule) })),
  );
  const own = resourcesOf(app, `AWS::EC2::SecurityGroup${direction}`, RuleOfGroup).map(({ properties }) => ({
    group: labelOf(nameOf(properties.GroupId) ?? properties.GroupId),
    ...peerOf(properties),
  }));
  return [...inline, ...own].filter(({ peer }) => peer !== NOWHERE);
}

function peerOf(rule: z.output<typeof Rule>): Omit<Permission, "group"> {
  const id = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const range =
    rule.CidrIp ?? rule.CidrIpv6 ?? rule.SourcePrefixListId ?? rule.DestinationPrefixListId ?? "?";
  const ports = rule.FromPort === rule.ToPort ? `${rule.FromPort}` : `${rule.FromPort}-${rule.ToPort}`;
  const port = rule.IpProtocol === "tcp" ? ports : rule.IpProtocol;
  const isGroup = id !== undefined;
  return { peer: isGroup ? labelOf(nameOf(id) ?? id) : range, isGroup, port };
}

/** The resources that carry a security group: functions, services, proxies, instances, the broker, the balancer. */
function carriersOf(app: App): { name: string; group: string }[] {
  const groups = new Set(resourcesOf(app, "AWS::EC2::SecurityGroup", Group).map(({ name }) => name));
  return app.resources
    .filter(({ type }) => !type.startsWith("AWS::EC2::SecurityGroup"))
    .flatMap(({ name, properties }) =>
      referencesIn(properties)
        .filter((reference) => groups.has(reference))
        .map((group) => ({ name, group: labelOf(group) })),
    );
}

function labelOf(name: string): string {
  return name === "Network/Vpc/NatSecurityGroup" ? "nat" : name.replace(/^Network\/(\w+)Group$/, "$1");
}

/** The property that keeps each type private, and the value that it must have. */
const PRIVATE = [
  ["AWS::RDS::DBInstance", "PubliclyAccessible", false],
  ["AWS::AmazonMQ::Broker", "PubliclyAccessible", false],
  ["AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", "internal"],
  ["AWS::EC2::Subnet", "MapPublicIpOnLaunch", false],
] as const;

function publicAddresses({ resources }: App): string[] {
  return PRIVATE.flatMap(([type, property, value]) =>
    resources
      .filter((resource) => resource.type === type && resource.properties[property] !== value)
      .map(({ name }) => `${name} needs ${property}: ${value}`),
  );
}
