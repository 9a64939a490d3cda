import { environmentOf } from "@cloud-design/stage/environment";
import { settingsOf } from "@cloud-design/stage/settings";
import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Alias, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { Function as SstFunction, Stack } from "sst/constructs";

/**
 * What callers invoke in place of the function: an alias, which a deployment moves to the new version as the table of stages says, and back
 * when one of the alarms rings. A version stands still, so nothing but a deployment changes what runs.
 */
export function rolledOut(stack: Stack, handler: SstFunction, alarms: Alarm[]): IFunction {
  // The live stub of `sst dev` is the function itself, and takes what is written while it runs.
  if (handler._isLiveDevEnabled) return handler;
  const alias = new Alias(stack, "Live", { aliasName: "live", version: handler.currentVersion });
  const { ROLLOUT } = environmentOf();
  new LambdaDeploymentGroup(stack, "Rollout", {
    alias,
    alarms,
    deploymentConfig: LambdaDeploymentConfig[ROLLOUT ?? settingsOf(stack.stage).gatewayRollout],
    // What is to end an outage must not be stopped by the alarm that the outage rings.
    ignoreAlarmConfiguration: ROLLOUT !== undefined,
  });
  return alias;
}
