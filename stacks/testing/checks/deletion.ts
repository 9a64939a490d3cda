import { keptBy } from "../../removal.ts";
import { settingsOf } from "../../stages.ts";
import type { App, Resource } from "../app.ts";
import { compareSets } from "./compare.ts";

/** What cannot be had again, and how it outlives its stack in prod. */
const KEPT: Record<string, "Retain" | "Snapshot"> = {
  "AWS::RDS::DBInstance": "Snapshot",
  "AWS::Cognito::UserPool": "Retain",
  "AWS::SQS::Queue": "Retain",
  "AWS::S3::Bucket": "Retain",
  "AWS::Logs::LogGroup": "Retain",
  // Without it no snapshot can be read.
  "AWS::KMS::Key": "Retain",
};
/** What keeps somebody from deleting it by hand. */
const GUARDS: Record<string, [property: string, value: unknown]> = {
  "AWS::RDS::DBInstance": ["DeletionProtection", true],
  "AWS::Cognito::UserPool": ["DeletionProtection", "ACTIVE"],
};

/** In prod all that holds data outlives its stack, and a replacement; elsewhere nothing stays behind. */
export function deletion(app: App): string[] {
  if (app.stage !== "prod") return app.resources.flatMap(leftBehind);
  const kept = app.resources.filter(({ deletionPolicy }) => deletionPolicy !== "Delete");
  const announced = Object.keys(keptBy(settingsOf(app.stage)));
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
  // A log's own name would be in the way when the stage is made again.
  const policy = properties.LogGroupName === undefined ? KEPT[type] : undefined;
  const guard = GUARDS[type];
  const actual = [policies.deletionPolicy, policies.updateReplacePolicy];
  return [
    ...(policy === undefined || actual.every((one) => one === policy)
      ? []
      : [`${name} needs ${policy}, and has ${actual.join(" and ")}`]),
    ...(guard && properties[guard[0]] !== guard[1] ? [`${name} needs ${guard.join(": ")}`] : []),
  ];
}

function leftBehind({ name, deletionPolicy }: Resource): string[] {
  return deletionPolicy === "Delete" ? [] : [`${name} stays behind: ${deletionPolicy}`];
}
