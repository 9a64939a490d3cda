import { PRESET_TABLE } from "@cloud-design/stage/settings";
import type { App, Resource } from "../app.ts";
import type { Explanations } from "../explained-differences.ts";
import { hasReference } from "../references.ts";
import { compareSets } from "./compare.ts";

/** Names that AWS gives, and names within a parent that each stage has of its own. */
const NO_PHYSICAL_NAMES = [
  "AWS::ApiGatewayV2::Authorizer Name",
  "AWS::ApiGatewayV2::Stage StageName",
  "AWS::CloudWatch::Alarm MetricName",
  "AWS::CodeDeploy::DeploymentGroup DeploymentConfigName",
  "AWS::Cognito::UserPoolGroup GroupName",
  "AWS::Cognito::UserPoolResourceServer Identifier",
  "AWS::Cognito::UserPoolResourceServer Name",
  "AWS::EC2::EIP Domain",
  "AWS::EC2::VPCEndpoint ServiceName",
  "AWS::IAM::Policy PolicyName",
  "AWS::Lambda::Alias Name",
  "AWS::RDS::DBInstance CACertificateIdentifier",
  "AWS::RDS::DBParameterGroup Family",
  "AWS::RDS::DBProxy EngineFamily",
  "AWS::RDS::DBProxyTargetGroup TargetGroupName",
];
const NAME_PROPERTY = /(Name|Identifier|Domain|Family)$/;

/** Two stages never ask AWS for the same name. */
export function sharedNames(prod: App, other: App): string[] {
  const taken = new Set([...physicalNames(prod), ...prod.exportNames]);
  return [...physicalNames(other), ...other.exportNames].filter((name) => taken.has(name));
}

function physicalNames({ resources }: App): string[] {
  return resources.flatMap(({ type, properties }) =>
    Object.entries(properties)
      .filter(
        ([property, value]) =>
          NAME_PROPERTY.test(property) && typeof value === "string" && !hasReference(value),
      )
      .filter(([property]) => !NO_PHYSICAL_NAMES.includes(`${type} ${property}`))
      .map(([property, value]) => `${type} ${property} ${value}`),
  );
}

/** The templates of two stages differ only as the rows of the table explain, and each row that differs makes its difference. */
export function unexplainedDifferences(prod: App, other: App, explained: Explanations): string[] {
  const lines = differences(prod, other);
  const explanations = Object.values(explained).flat();
  const rows = Object.entries(PRESET_TABLE).filter(
    ([, row]) => JSON.stringify(row[prod.preset]) !== JSON.stringify(row[other.preset]),
  );
  return [
    ...compareSets("Explained row", Object.keys(explained), ["name", "bill", ...rows.map(([row]) => row)]),
    ...lines
      .filter((line) => !explanations.some((pattern) => pattern.test(line)))
      .map((line) => `Not explained by the table of stages: ${line}`),
    ...explanations
      .filter((pattern) => !lines.some((line) => pattern.test(line)))
      .map((pattern) => `Explains no difference any more: ${pattern}`),
  ];
}

/** One line for each difference: the type, the name, and the property with the item that only one of them has. */
export function differences(prod: App, other: App): string[] {
  const [left, right] = [neutral(prod), neutral(other)];
  return [
    ...withoutCounterpart(left, right),
    ...withoutCounterpart(right, left),
    ...left.flatMap((resource) =>
      right
        .filter((candidate) => keyOf(candidate) === keyOf(resource))
        .flatMap((candidate) => compare(resource, candidate, keyOf(resource))),
    ),
  ];
}

function withoutCounterpart(these: Resource[], those: Resource[]): string[] {
  const known = new Set(those.map(keyOf));
  return these.map(keyOf).filter((key) => !known.has(key));
}

function keyOf({ type, name }: Resource): string {
  return `${type} ${name}`;
}

/** Without the stage's name, the hashes that contain it, and the server's name: in prod each service has a server of its own. */
function neutral({ stage, resources }: App): Resource[] {
  const text = JSON.stringify(resources)
    .replaceAll(new RegExp(`${stage}(?=clouddesign)|\\b${stage}\\b`, "g"), "STAGE")
    .replaceAll(/(STAGEclouddesign\w*?)[0-9A-F]{8}\b/g, "$1")
    .replaceAll(/Databases\/(inventory-billing|inventory|billing)-/g, "Databases/server-")
    .replaceAll(
      /STAGE-cloud-design-(inventory-billing|inventory|billing)(?=["/])/g,
      "STAGE-cloud-design-server",
    );
  return JSON.parse(text);
}

function compare(left: unknown, right: unknown, path: string): string[] {
  if (Array.isArray(left) && Array.isArray(right) && left.length !== right.length) {
    const items = [...missingFrom(left, right), ...missingFrom(right, left)];
    return items.length > 0 ? items.map((item) => `${path} ${item}`) : [path];
  }
  if (isObject(left) && isObject(right)) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...keys].flatMap((key) => compare(left[key], right[key], `${path} ${key}`));
  }
  return left === right ? [] : [path];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The items of `these` that are not in `those`, in any order. */
function missingFrom(these: unknown[], those: unknown[]): string[] {
  const known = new Set(those.map((item) => JSON.stringify(item)));
  return these.map((item) => JSON.stringify(item)).filter((item) => !known.has(item));
}
