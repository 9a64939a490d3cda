import { environmentOf } from "@cloud-design/stage/environment";
import { stageSettings } from "@cloud-design/stage/preset";
import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Alias, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { Function as SstFunction, Stack } from "sst/constructs";

/**
 * The alias that callers invoke in place of the function. A deployment moves it to the new version as the table of stages says, and back when
 * one of the alarms rings. A version is immutable, so only a deployment changes the code that runs. `prefix` tells a stack's second function apart.
 */
export function rolledOut(stack: Stack, handler: SstFunction, alarms: Alarm[], prefix = ""): IFunction {
  // The live stub of `sst dev` is the function itself; its code changes while it runs.
  if (handler._isLiveDevEnabled) return handler;
  const alias = new Alias(stack, `${prefix}Live`, { aliasName: "live", version: handler.currentVersion });
  const { ROLLOUT } = environmentOf();
  new LambdaDeploymentGroup(stack, `${prefix}Rollout`, {
    alias,
    alarms,
    deploymentConfig: LambdaDeploymentConfig[ROLLOUT ?? stageSettings(stack.stage).gatewayRollout],
    // An alarm that rings in an outage must not stop the deployment that ends the outage.
    ignoreAlarmConfiguration: ROLLOUT !== undefined,
  });
  return alias;
}
