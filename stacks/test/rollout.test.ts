import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Alarm, Metric } from "aws-cdk-lib/aws-cloudwatch";
import { type CfnFunction, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import type { Function as SstFunction, Stack as SstStack } from "sst/constructs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { rolledOut } from "../constructs/rollout.ts";

interface Given {
  /** Whether `sst dev` runs it on a laptop. */
  isLive?: boolean;
  stage?: string;
  /** The bundle's key, which SST sets after everything else is described. */
  bundle?: string;
  memorySize?: number;
  tag?: string;
}

/** The template, from plain constructs: SST's own need a project around them. */
function templateOf({
  isLive = false,
  stage = "prod",
  bundle = "one.zip",
  memorySize = 512,
  tag,
}: Given = {}) {
  const stack = Object.assign(new Stack(new App(), "Gateway"), { stage }) as unknown as SstStack;
  const handler = new LambdaFunction(stack, "Function", {
    runtime: Runtime.NODEJS_LATEST,
    handler: "index.handler",
    code: Code.fromInline("placeholder"),
    memorySize,
  });
  const metric = new Metric({ namespace: "AWS/ApiGateway", metricName: "5xx" });
  const alarm = new Alarm(stack, "Alarm", { metric, threshold: 1, evaluationPeriods: 1 });
  Object.assign(handler, { _isLiveDevEnabled: isLive });
  const called = rolledOut(stack, handler as unknown as SstFunction, [alarm]);
  const resource = handler.node.defaultChild as CfnFunction;
  resource.code = { s3Bucket: "assets", s3Key: bundle };
  if (tag) resource.addPropertyOverride("Environment.Variables.TAG", tag);
  return { isFunctionItself: called === handler, template: Template.fromStack(stack) };
}

function versionOf(given?: Given): string[] {
  return Object.keys(templateOf(given).template.findResources("AWS::Lambda::Version"));
}

function groupOf(given?: Given) {
  const [group] = Object.values(templateOf(given).template.findResources("AWS::CodeDeploy::DeploymentGroup"));
  const { DeploymentConfigName, AlarmConfiguration } = group?.Properties ?? {};
  return { shift: DeploymentConfigName, isStoppedByAlarms: AlarmConfiguration.Enabled };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a new version of the gateway", () => {
  it("comes only with other code or another setting", () => {
    const version = versionOf();
    expect(version).toHaveLength(1);
    expect(versionOf()).toEqual(version);
    // The caller's permissions are not part of a version.
    expect(versionOf({ stage: "dev" })).toEqual(version);
    expect(versionOf({ bundle: "two.zip" })).not.toEqual(version);
    expect(versionOf({ memorySize: 1_024 })).not.toEqual(version);
    expect(versionOf({ tag: "x" })).not.toEqual(version);
  });

  it("receives a tenth of the calls in prod first, and all of them elsewhere", () => {
    expect(groupOf()).toEqual({
      shift: "CodeDeployDefault.LambdaCanary10Percent10Minutes",
      isStoppedByAlarms: true,
    });
    expect(groupOf({ stage: "dev" })).toEqual({
      shift: "CodeDeployDefault.LambdaAllAtOnce",
      isStoppedByAlarms: true,
    });
  });

  it("takes all calls at once on the way back, although the alarm rings", () => {
    vi.stubEnv("ROLLOUT", "ALL_AT_ONCE");
    expect(groupOf()).toEqual({ shift: "CodeDeployDefault.LambdaAllAtOnce", isStoppedByAlarms: false });
  });

  it("does not stand between API Gateway and the stub of sst dev", () => {
    const { isFunctionItself, template } = templateOf({ isLive: true });
    expect(isFunctionItself).toBe(true);
    for (const type of ["AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::CodeDeploy::DeploymentGroup"]) {
      template.resourceCountIs(type, 0);
    }
  });
});
