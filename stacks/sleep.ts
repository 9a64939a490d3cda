import { PAGE_KEY, STATUS_KEY } from "@cloud-design/functions/shared/status-keys";
import type { SleeperEnvironment } from "@cloud-design/functions/sleeper/env";
import { AWAKE } from "@cloud-design/functions/sleeper/protocol";
import { nameOf, SLEEPER, sleepParameter } from "@cloud-design/stage/names";
import { stageSettings } from "@cloud-design/stage/preset";
import { ArnFormat, Duration } from "aws-cdk-lib";
import { CfnService } from "aws-cdk-lib/aws-ecs";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnEventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { CfnDBInstance } from "aws-cdk-lib/aws-rds";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { type Stack, type StackContext, use } from "sst/constructs";
import { nodeFunction } from "./constructs/node-function.ts";
import { Site } from "./site.ts";
import { Status } from "./status.ts";

/** A stage that falls asleep in the evening is at most this late; a server that AWS has started is stopped again this soon. */
const INTERVAL = Duration.minutes(5);
/** A schedule's next run comes sooner than a repetition, and two at once would do the same. */
const ONCE = { retryAttempts: 0, maxEventAge: INTERVAL };

/**
 * The function that puts the stage to sleep and wakes it, for `npm run sleep`, `npm run wake` and the evenings. It stands outside the network,
 * whose way out sleeps too, and finds what sleeps in the stacks before this one. It costs some cents a month.
 */
export function Sleep({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const { bucket } = use(Site);
  const { probeRule } = use(Status);
  const all = app.node.findAll();
  const servers = all.filter((one) => one instanceof CfnDBInstance);
  const services = all.filter((one) => one instanceof CfnService);
  const mappings = all.filter((one) => one instanceof CfnEventSourceMapping);
  // The services need the broker to record what they have begun.
  const isBroker = ({ stack: { node } }: CfnService) => node.id === "Broker";
  const groups = [services.filter((one) => !isBroker(one)), services.filter(isBroker)];
  const state = new StringParameter(stack, "State", {
    parameterName: sleepParameter(stack),
    description: "Whether the stage sleeps, since when, and on which evenings; the sleeper changes it",
    // Made and deleted with the stage. CloudFormation does not compare it again.
    stringValue: JSON.stringify(AWAKE),
  });
  const sleeper = nodeFunction(stack, "Sleeper", {
    // A fixed name, so that the commands find it from a machine that has never deployed.
    functionName: nameOf(stack, SLEEPER),
    handler: "packages/functions/src/sleeper/lambda.handler",
    memorySize: 256,
    timeout: 60, // in seconds; a pass takes some, unless AWS is slow
    settings,
    ...ONCE,
    environment: {
      ALARM_PREFIX: nameOf(stack, ""),
      BUCKET: bucket.bucketName,
      MAPPINGS: stack.toJsonString(mappings.map(({ ref }) => ref)),
      ...(settings.nat === "instance" && { NAT_TAG: app.stage }),
      PROBE_RULE: probeRule.ruleName,
      SERVERS: stack.toJsonString(servers.map(({ ref }) => ref)),
      SERVICES: stack.toJsonString(
        groups
          .filter((group) => group.length > 0)
          .map((group) => Object.fromEntries(group.map((one) => [one.stack.node.id.toLowerCase(), one.ref]))),
      ),
      STATE_PARAMETER: state.parameterName,
    } satisfies SleeperEnvironment,
  });
  const serverArns = servers.map(({ attrDbInstanceArn }) => attrDbInstanceArn);
  const serviceArns = services.map(({ ref }) => ref);
  const mappingArns = mappings.map(({ attrEventSourceMappingArn }) => attrEventSourceMappingArn);
  for (const statement of [
    { actions: ["ssm:GetParameter", "ssm:PutParameter"], resources: [state.parameterArn] },
    // Neither the questions for alarms by a prefix nor those for scaling and for instances support anything narrower.
    {
      actions: [
        "cloudwatch:DescribeAlarms",
        "application-autoscaling:DescribeScalableTargets",
        ...(settings.nat === "instance" ? ["ec2:DescribeInstances"] : []),
      ],
      resources: ["*"],
    },
    {
      actions: ["cloudwatch:EnableAlarmActions", "cloudwatch:DisableAlarmActions"],
      resources: [
        stack.formatArn({
          service: "cloudwatch",
          resource: "alarm",
          resourceName: `${nameOf(stack, "")}*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
    },
    {
      actions: ["events:DescribeRule", "events:EnableRule", "events:DisableRule"],
      resources: [probeRule.ruleArn],
    },
    { actions: ["lambda:GetEventSourceMapping", "lambda:UpdateEventSourceMapping"], resources: mappingArns },
    { actions: ["ecs:DescribeServices", "ecs:UpdateService"], resources: serviceArns },
    {
      actions: ["application-autoscaling:RegisterScalableTarget"],
      // A target has no name that CloudFormation knows. The right to the service itself, which it takes too, is the narrow one.
      resources: [
        stack.formatArn({
          service: "application-autoscaling",
          resource: "scalable-target",
          resourceName: "*",
        }),
      ],
      conditions: { StringEquals: { "application-autoscaling:service-namespace": "ecs" } },
    },
    {
      actions: ["rds:DescribeDBInstances", "rds:StopDBInstance", "rds:StartDBInstance"],
      resources: serverArns,
    },
    ...(settings.nat === "instance" ? [natRight(stack)] : []),
    { actions: ["s3:GetObject"], resources: [bucket.arnForObjects("*")] },
    // With it S3 tells a missing object from a forbidden one.
    { actions: ["s3:ListBucket"], resources: [bucket.bucketArn] },
    {
      actions: ["s3:PutObject"],
      resources: [STATUS_KEY, PAGE_KEY].map((key) => bucket.arnForObjects(key)),
    },
  ]) {
    sleeper.addToRolePolicy(new PolicyStatement(statement));
  }
  new Rule(stack, "EveryFiveMinutes", {
    description: "Keeps a sleeping stage asleep, and puts it to sleep in the evening",
    schedule: Schedule.rate(INTERVAL),
    targets: [new LambdaFunction(sleeper, { ...ONCE, event: RuleTargetInput.fromObject({}) })],
  });
}

/** The instance is known by its tag: it may be replaced by another one. */
function natRight(stack: Stack) {
  return {
    actions: ["ec2:StartInstances", "ec2:StopInstances"],
    resources: [stack.formatArn({ service: "ec2", resource: "instance", resourceName: "*" })],
    conditions: { StringEquals: { "aws:ResourceTag/cloud-design:nat": stack.stage } },
  };
}
