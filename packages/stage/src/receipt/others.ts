import {
  CloudControlClient,
  GetResourceCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudcontrol";
import { nameOf } from "../names.ts";
import { MONTH_OF } from "../prices.ts";
import { type Asked, aws, type Found, type Look, patient } from "./found.ts";
import { propertiesOf } from "./stacks.ts";

type Properties = Record<string, unknown>;

interface Kind {
  service: string;
  /** An ARN may belong to either of two types. */
  types: readonly string[];
  arn: RegExp;
  /** Cloud Control's identifier; by default the whole ARN. */
  identifier?: (match: RegExpExecArray) => string;
}

const ALARM = "AWS::CloudWatch::Alarm";
const COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm";
const DASHBOARD = "AWS::CloudWatch::Dashboard";
const FILE_SYSTEM = "AWS::EFS::FileSystem";
const NAMESPACE = "AWS::ServiceDiscovery::PrivateDnsNamespace";
const WEB_ACL = "AWS::WAFv2::WebACL";

/** The types that no other look covers. Cloud Control asks the service of each. */
const KINDS: readonly Kind[] = [
  {
    service: "CloudWatch",
    types: [ALARM, COMPOSITE_ALARM],
    arn: /:alarm:(.+)$/,
    identifier: ([, name = ""]) => name,
  },
  { service: "SNS", types: ["AWS::SNS::Topic"], arn: /^arn:aws:sns:/ },
  {
    service: "WAF",
    types: [WEB_ACL],
    arn: /:global\/webacl\/([^/]+)\/([^/]+)$/,
    identifier: ([, name, id]) => `${name}|${id}|CLOUDFRONT`,
  },
  {
    service: "API Gateway",
    types: ["AWS::ApiGatewayV2::Api"],
    arn: /\/apis\/([^/]+)$/,
    identifier: ([, id = ""]) => id,
  },
  {
    service: "CodeDeploy",
    types: ["AWS::CodeDeploy::Application"],
    arn: /:application:(.+)$/,
    identifier: ([, name = ""]) => name,
  },
  {
    service: "EFS",
    types: [FILE_SYSTEM],
    arn: /:file-system\/(.+)$/,
    identifier: ([, id = ""]) => id,
  },
  {
    service: "Cloud Map",
    types: [NAMESPACE],
    arn: /:namespace\/(.+)$/,
    identifier: ([, id = ""]) => id,
  },
  { service: "EventBridge", types: ["AWS::Events::Rule"], arn: /:rule\/.+$/ },
  {
    service: "IAM",
    types: ["AWS::IAM::Role"],
    arn: /:role\/(?:.+\/)?([^/]+)$/,
    identifier: ([, name = ""]) => name,
  },
];
/** Deleted with its API, application, file system or namespace. */
const PART = /\/apis\/[^/]+\/.|:deploymentgroup:|:access-point\/|:servicediscovery:.*:service\//;

/** The types that are billed by the month; the others are billed only by use. */
const PRICES: Record<string, (properties: Properties) => number> = {
  [ALARM]: ({ Metrics }) => MONTH_OF.alarmMetric * alarmMetrics(Metrics),
  [COMPOSITE_ALARM]: () => MONTH_OF.compositeAlarm,
  [DASHBOARD]: () => MONTH_OF.dashboard,
  [FILE_SYSTEM]: () => MONTH_OF.fileGb,
  [NAMESPACE]: () => MONTH_OF.hostedZone,
  [WEB_ACL]: ({ Rules }) => MONTH_OF.webAcl(Array.isArray(Rules) ? Rules.length : undefined),
};

/** The resources in the existing stacks, and those that the tagging API lists under an ARN that no other look covers. */
export function others(answeredFor: readonly string[]): Look {
  return {
    service: "Cloud Control",
    namespaces: [],
    types: [...KINDS.flatMap(({ types }) => types), DASHBOARD],
    async find(asked) {
      const inStacks = await inStandingStacks(asked);
      const found: Found[] = [];
      for (const arn of asked.tagged) {
        if (answeredFor.includes(arn.split(":")[2] ?? "") || PART.test(arn)) continue;
        found.push(...(await foundBehind(asked, arn)));
      }
      for (const dashboard of asked.settings.dashboards.map((name) => nameOf(asked, name))) {
        if (!isInStack(asked, [DASHBOARD], [dashboard]))
          found.push(...(await verified(asked, "CloudWatch", [DASHBOARD], dashboard)));
      }
      return [...inStacks, ...found];
    },
  };
}

async function inStandingStacks(asked: Asked): Promise<Found[]> {
  const found: Found[] = [];
  for (const stack of asked.standing) {
    const priced = stack.resources.filter(({ type }) => PRICES[type]);
    if (priced.length === 0) continue;
    const properties = await propertiesOf(asked, stack);
    for (const { type, id, logicalId } of priced) {
      found.push(foundOf(asked, { type, id, properties: properties[logicalId] ?? {} }));
    }
  }
  return found;
}

/** Whether an existing stack has it, under any of these names. */
function isInStack({ standing }: Asked, types: readonly string[], names: readonly string[]): boolean {
  return standing.some(({ resources }) =>
    resources.some(({ type, id }) => types.includes(type) && names.includes(id)),
  );
}

async function foundBehind(asked: Asked, arn: string): Promise<Found[]> {
  for (const { service, types, arn: pattern, identifier } of KINDS) {
    const match = pattern.exec(arn);
    if (match === null) continue;
    const id = identifier?.(match) ?? arn;
    // The id of an EventBridge rule is its name.
    const names = [id, arn, arn.split("/").at(-1) ?? ""];
    return isInStack(asked, types, names) ? [] : verified(asked, service, types, id);
  }
  return [
    {
      type: "",
      service: arn.split(":")[2] ?? "",
      id: arn,
      name: `${arn}, if it is still there`,
      usdMonthly: undefined,
      commands: [],
    },
  ];
}

/** The resource; undefined when its service no longer has it. */
async function verified(
  asked: Asked,
  service: string,
  types: readonly string[],
  id: string,
): Promise<Found[]> {
  const client = new CloudControlClient(patient(asked));
  for (const TypeName of types) {
    try {
      const { ResourceDescription } = await client.send(new GetResourceCommand({ TypeName, Identifier: id }));
      const properties: Properties = JSON.parse(ResourceDescription?.Properties ?? "{}");
      return [{ ...foundOf(asked, { type: TypeName, id, properties }), service }];
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
  }
  return [];
}

function foundOf(
  asked: Asked,
  { type, id, properties }: { type: string; id: string; properties: Properties },
): Found {
  const of = ["--type-name", type, "--identifier", id];
  return {
    type,
    id,
    name: id,
    usdMonthly: PRICES[type]?.(properties) ?? 0,
    // An account has three dashboards for free, and a file system is billed by its bytes.
    isAtMost: type === DASHBOARD || type === FILE_SYSTEM,
    commands: [aws(asked, "cloudcontrol", "delete-resource", ...of)],
  };
}

function alarmMetrics(metrics: unknown): number {
  return Array.isArray(metrics) ? metrics.filter(({ MetricStat }) => MetricStat).length : 1;
}
