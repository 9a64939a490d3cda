import { keptBy } from "@cloud-design/stage/removal";
import { settingsOf } from "@cloud-design/stage/settings";
import type { App, Resource } from "../app.ts";
import { compareSets } from "./compare.ts";

/** A resource without data: its stack failed before it was ever complete, so it goes with the stack. */
const RETAIN = "RetainExceptOnCreate, then Retain";
/** The types with data that cannot be made again, and how each outlives its stack and its replacement in prod. */
const KEPT: Record<string, string> = {
  "AWS::RDS::DBInstance": "Snapshot, then Snapshot",
  "AWS::Cognito::UserPool": RETAIN,
  "AWS::SQS::Queue": RETAIN,
  "AWS::S3::Bucket": RETAIN,
  "AWS::Logs::LogGroup": RETAIN,
  // A snapshot can be read only with its key.
  "AWS::KMS::Key": RETAIN,
};
/** The properties that protect a resource from deletion by hand. */
const GUARDS: Record<string, [property: string, value: unknown]> = {
  "AWS::RDS::DBInstance": ["DeletionProtection", true],
  "AWS::Cognito::UserPool": ["DeletionProtection", "ACTIVE"],
};

/** In prod every resource with data outlives its stack and its replacement; elsewhere every resource is deleted. */
export function deletion(app: App): string[] {
  if (app.stage !== "prod") return app.resources.flatMap(leftBehind);
  const kept = app.resources.filter(({ deletionPolicy }) => deletionPolicy !== "Delete");
  const announced = Object.keys(keptBy(settingsOf(app.preset)));
  return [
    ...app.resources.flatMap(unprotected),
    ...compareSets(
      "Announced by `npm run remove`",
      kept.map(({ type }) => type),
      announced,
    ),
  ];
}

function unprotected({ name, type, properties, ...policies }: Resource): string[] {
  // A log group with a fixed name would be in the way when the stage is made again.
  const policy = properties.LogGroupName === undefined ? KEPT[type] : undefined;
  const guard = GUARDS[type];
  const actual = `${policies.deletionPolicy}, then ${policies.updateReplacePolicy}`;
  return [
    ...(policy === undefined || actual === policy ? [] : [`${name} needs ${policy}, and has ${actual}`]),
    ...(guard && properties[guard[0]] !== guard[1] ? [`${name} needs ${guard.join(": ")}`] : []),
  ];
}

function leftBehind({ name, deletionPolicy }: Resource): string[] {
  return deletionPolicy === "Delete" ? [] : [`${name} stays behind: ${deletionPolicy}`];
}
