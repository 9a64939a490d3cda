import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { nameOf } from "../references.ts";

const LogGroup = z.object({ RetentionInDays: z.number().optional(), LogGroupName: z.string().optional() });
const LambdaFunction = z.object({ LoggingConfig: z.object({ LogGroup: z.string() }).optional() });
const TaskDefinition = z.object({
  ContainerDefinitions: z.array(
    z.object({
      Name: z.string(),
      LogConfiguration: z
        .object({ LogDriver: z.string(), Options: z.record(z.string(), z.string()) })
        .optional(),
    }),
  ),
});
const Instance = z.object({
  DBInstanceIdentifier: z.string(),
  EnableCloudwatchLogsExports: z.array(z.string()).default([]),
});
const DatabaseProxy = z.object({ DBProxyName: z.string() });
const AwsCall = z.object({ Update: z.string() });
const Retention = z.object({
  action: z.literal("putRetentionPolicy"),
  parameters: z.object({ logGroupName: z.string(), retentionInDays: z.number() }),
});

/** Every log group has the stage's retention. */
export function retention(app: App): string[] {
  const { logRetentionDays: days } = settingsOf(app.preset);
  const groups = resourcesOf(app, "AWS::Logs::LogGroup", LogGroup).map(({ name, properties }) => ({
    name,
    kept: properties.RetentionInDays,
  }));
  return [...groups, ...retentionOfBrokers(app)]
    .filter(({ kept }) => kept !== days)
    .map(({ name, kept }) => `${name} keeps its log for ${kept ?? "ever"}, not ${days} days`);
}

/** Amazon MQ makes a broker's log group itself; a custom resource then sets its retention. */
function retentionOfBrokers(app: App): { name: string; kept: number | undefined }[] {
  const calls = resourcesOf(app, "Custom::AWS", AwsCall).flatMap(
    ({ properties }) => Retention.safeParse(JSON.parse(properties.Update)).data?.parameters ?? [],
  );
  return resourcesOf(app, "AWS::AmazonMQ::Broker", z.object({})).map(({ name }) => ({
    name,
    kept: calls.find(({ logGroupName }) => logGroupName === `/aws/amazonmq/broker/<${name}>/general`)
      ?.retentionInDays,
  }));
}

/** Every writer of a log writes into a log group of these templates, not into one that AWS would make without a retention. */
export function logGroups(app: App): string[] {
  const groups = resourcesOf(app, "AWS::Logs::LogGroup", LogGroup);
  const names = new Set(groups.map(({ name }) => name));
  const texts = new Set(groups.map(({ properties }) => properties.LogGroupName));
  const has = (group: string | undefined) => names.has(nameOf(group) ?? "") || texts.has(group ?? "");
  return writers(app)
    .filter(({ group }) => !has(group))
    .map(({ name, group }) => `${name} logs to ${group ?? "a group of AWS's own"}`);
}

function writers(app: App): { name: string; group: string | undefined }[] {
  const functions = resourcesOf(app, "AWS::Lambda::Function", LambdaFunction).map(({ name, properties }) => ({
    name,
    group: properties.LoggingConfig?.LogGroup,
  }));
  const containers = resourcesOf(app, "AWS::ECS::TaskDefinition", TaskDefinition).flatMap(({ properties }) =>
    properties.ContainerDefinitions.map(({ Name, LogConfiguration }) => ({
      name: Name,
      group: LogConfiguration?.Options["awslogs-group"],
    })),
  );
  const instances = resourcesOf(app, "AWS::RDS::DBInstance", Instance).flatMap(({ name, properties }) =>
    properties.EnableCloudwatchLogsExports.map((log) => ({
      name,
      group: `/aws/rds/instance/${properties.DBInstanceIdentifier}/${log}`,
    })),
  );
  const proxies = resourcesOf(app, "AWS::RDS::DBProxy", DatabaseProxy).map(({ name, properties }) => ({
    name,
    group: `/aws/rds/proxy/${properties.DBProxyName}`,
  }));
  return [...functions, ...containers, ...instances, ...proxies];
}
