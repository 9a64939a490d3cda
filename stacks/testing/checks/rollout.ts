import { settingsOf } from "@cloud-design/stage/settings";
import * as z from "zod";
import { type App, resourcesOf } from "../app.ts";
import { compareSets } from "./compare.ts";

/** Each alias, its function, and the deployment group that moves it. */
const ALIASES = [
  { alias: "Gateway/Live", handler: "Gateway/Gateway", group: "Gateway/Rollout" },
  { alias: "Gateway/OrderLive", handler: "Gateway/OrderGateway", group: "Gateway/OrderRollout" },
];
/** At the worst, the rest of a minute passes first, and another minute until CloudWatch has the last figure and has evaluated it. */
const LATE_MINUTES = 3;

const Integration = z.object({ IntegrationUri: z.string() });
const Permission = z.object({ FunctionName: z.string(), Principal: z.string() });
const Alias = z.object({ FunctionVersion: z.string() });
const Shift = z.object({
  CodeDeployLambdaAliasUpdate: z.object({ ApplicationName: z.string(), DeploymentGroupName: z.string() }),
});
const Group = z.object({
  DeploymentConfigName: z.string(),
  DeploymentStyle: z.object({ DeploymentOption: z.string() }),
  AlarmConfiguration: z
    .object({ Enabled: z.boolean(), Alarms: z.array(z.object({ Name: z.string() })) })
    .default({ Enabled: false, Alarms: [] }),
  AutoRollbackConfiguration: z.object({ Enabled: z.boolean(), Events: z.array(z.string()) }),
});
const Alarm = z.object({
  EvaluationPeriods: z.number(),
  Metrics: z.array(z.object({ MetricStat: z.object({ Period: z.number() }).optional() })).default([]),
});

/** API Gateway calls only the aliases. CodeDeploy moves each as the table of stages says, and back when an alarm rings. */
export function rollout(app: App): string[] {
  const groups = resourcesOf(app, "AWS::CodeDeploy::DeploymentGroup", Group);
  const aliases = resourcesOf(app, "AWS::Lambda::Alias", Alias);
  const moverOf = (policy: unknown) =>
    Shift.safeParse(policy).data?.CodeDeployLambdaAliasUpdate.DeploymentGroupName ?? "no deployment group";
  return [
    ...compareSets(
      "API Gateway calls",
      calledBy(app),
      ALIASES.map(({ alias }) => `<${alias}>`),
    ),
    ...compareSets(
      "Alias",
      aliases.map(({ name, properties }) => `${name} of ${properties.FunctionVersion}`),
      ALIASES.map(({ alias, handler }) => `${alias} of <${handler}/CurrentVersion.Version>`),
    ),
    ...compareSets(
      "An alias is moved:",
      aliases.map(({ name, updatePolicy }) => `${name} by ${moverOf(updatePolicy)}`),
      ALIASES.map(({ alias, group }) => `${alias} by <${group}>`),
    ),
    ...compareSets(
      "Deployment group",
      groups.map(({ name }) => name),
      ALIASES.map(({ group }) => group),
    ),
    ...groups.flatMap(({ name, properties }) => problemsOf(app, name, properties)),
  ];
}

function calledBy(app: App): string[] {
  return [
    ...resourcesOf(app, "AWS::ApiGatewayV2::Integration", Integration).map(
      ({ properties }) => properties.IntegrationUri,
    ),
    ...resourcesOf(app, "AWS::Lambda::Permission", Permission)
      .filter(({ properties }) => properties.Principal === "apigateway.amazonaws.com")
      .map(({ properties }) => properties.FunctionName),
  ];
}

function problemsOf(app: App, name: string, group: z.output<typeof Group>): string[] {
  const { DeploymentConfigName, AlarmConfiguration, AutoRollbackConfiguration } = group;
  const alarms = AlarmConfiguration.Alarms.map(({ Name }) => Name);
  const wanted = `CodeDeployDefault.Lambda${settingsOf(app.preset).gatewayRollout.replaceAll("_", "")}`;
  const canary = /CANARY.*?(\d+)MINUTES/i.exec(DeploymentConfigName)?.[1];
  const slowest = Math.max(0, ...alarms.map((alarm) => minutesToRing(app, alarm) + LATE_MINUTES));
  // A stage of few alarms does not watch its orders alone, and a shift of all callers at once is over before an alarm rings.
  const isWithout = settingsOf(app.preset).alarms !== "all" && canary === undefined;
  const events = ["DEPLOYMENT_FAILURE", ...(isWithout ? [] : ["DEPLOYMENT_STOP_ON_ALARM"])];
  const requirements: [string, boolean][] = [
    ["shifts as the table says", DeploymentConfigName.toLowerCase() === wanted.toLowerCase()],
    ["moves callers and not machines", group.DeploymentStyle.DeploymentOption === "WITH_TRAFFIC_CONTROL"],
    ["stops on alarms", isWithout || (AlarmConfiguration.Enabled && alarms.length > 0)],
    [
      "goes back by itself",
      AutoRollbackConfiguration.Enabled &&
        events.every((event) => AutoRollbackConfiguration.Events.includes(event)),
    ],
    ["tries a version for longer than its alarm needs", canary === undefined || slowest < Number(canary)],
  ];
  return requirements.filter(([, isMet]) => !isMet).map(([claim]) => `It is not so that ${name} ${claim}`);
}

/** Infinite for an alarm that does not exist. */
function minutesToRing(app: App, reference: string): number {
  const alarm = resourcesOf(app, "AWS::CloudWatch::Alarm", z.unknown()).find(
    ({ name }) => `<${name}>` === reference,
  );
  const { data } = Alarm.safeParse(alarm?.properties);
  const seconds = Math.max(...(data?.Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0) ?? []));
  return data ? (data.EvaluationPeriods * seconds) / 60 : Number.POSITIVE_INFINITY;
}
