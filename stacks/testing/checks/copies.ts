import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { compareSets } from "./compare.ts";

const REGION = "us-west-2"; // the partner of us-east-1, for which the templates are built
const KEY = "arn:aws:kms:us-west-2:123456789012:alias/aws/rds";
const SECRETS = ["Gateway/OrderIdSecret", "Webhooks/Secret"];

const Instance = z.object({
  AutomaticBackupReplicationRegion: z.string().optional(),
  AutomaticBackupReplicationKmsKeyId: z.string().optional(),
});
const Secret = z.object({ ReplicaRegions: z.array(z.object({ Region: z.string() })).default([]) });

/** In prod the backups of each server, under a key of that region, and the keys of order ids and webhooks are in another region too. */
export function copies(app: App): string[] {
  const hasCopies = settingsOf(app.preset).copyDays > 0;
  const servers = resourcesOf(app, "AWS::RDS::DBInstance", Instance);
  return [
    ...compareSets(
      "Copy of backups",
      servers.flatMap(({ name, properties }) => {
        const { AutomaticBackupReplicationRegion: region, AutomaticBackupReplicationKmsKeyId: key } =
          properties;
        return region === undefined ? [] : [`${name} in ${region} under ${key}`];
      }),
      hasCopies ? servers.map(({ name }) => `${name} in ${REGION} under ${KEY}`) : [],
    ),
    ...compareSets(
      "Copy of a secret",
      resourcesOf(app, "AWS::SecretsManager::Secret", Secret).flatMap(({ name, properties }) =>
        properties.ReplicaRegions.map(({ Region }) => `${name} in ${Region}`),
      ),
      hasCopies ? SECRETS.map((secret) => `${secret} in ${REGION}`) : [],
    ),
  ];
}
