import { SERVER_LOG } from "@cloud-design/core/server-log";
import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { nameOf } from "../references.ts";

const Instance = z.object({
  StorageEncrypted: z.boolean().optional(),
  KmsKeyId: z.string().optional(),
  BackupRetentionPeriod: z.number().optional(),
  EnablePerformanceInsights: z.boolean().optional(),
  DBParameterGroupName: z.string().optional(),
  MultiAZ: z.boolean().optional(),
});
const ParameterGroup = z.object({ Family: z.string(), Parameters: z.record(z.string(), z.string()) });
const DatabaseProxy = z.object({ RequireTLS: z.boolean().optional(), DebugLogging: z.boolean().optional() });

/** PostgreSQL 17 that requires TLS and logs no values, encrypted at rest, under a key of the stage if the table says so, with backups. */
export function databases(app: App): string[] {
  const { hasOwnKeys } = settingsOf(app.preset);
  const parameters = resourcesOf(app, "AWS::RDS::DBParameterGroup", ParameterGroup);
  return [
    ...parameters
      .filter(
        ({ properties }) =>
          properties.Parameters["rds.force_ssl"] !== "1" || properties.Family !== "postgres17",
      )
      .map(({ name }) => `${name} is not of PostgreSQL 17 with rds.force_ssl`),
    ...parameters
      .filter(({ properties }) =>
        Object.entries(SERVER_LOG).some(([setting, value]) => properties.Parameters[setting] !== value),
      )
      .map(({ name }) => `${name} lets values of statements into the log`),
    ...resourcesOf(app, "AWS::RDS::DBProxy", DatabaseProxy)
      .filter(({ properties }) => !properties.RequireTLS)
      .map(({ name }) => `${name} takes connections without TLS`),
    ...resourcesOf(app, "AWS::RDS::DBProxy", DatabaseProxy)
      .filter(({ properties }) => properties.DebugLogging)
      .map(({ name }) => `${name} writes statements into its log`),
    ...resourcesOf(app, "AWS::RDS::DBInstance", Instance).flatMap(({ name, properties }) => {
      const requirements: [string, boolean][] = [
        ["encrypted", properties.StorageEncrypted === true],
        ["encrypted with the key of the table", (nameOf(properties.KmsKeyId) !== undefined) === hasOwnKeys],
        ["backed up", (properties.BackupRetentionPeriod ?? 0) > 0],
        ["watched by Performance Insights", properties.EnablePerformanceInsights === true],
        ["under a parameter group of ours", nameOf(properties.DBParameterGroupName) !== undefined],
        ["in two zones in prod", app.stage !== "prod" || properties.MultiAZ === true],
      ];
      return requirements.filter(([, isMet]) => !isMet).map(([claim]) => `${name} is not ${claim}`);
    }),
  ];
}
