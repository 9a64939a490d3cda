import { RemovalPolicy } from "aws-cdk-lib";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { StageSettings } from "../stages.ts";

/** A log group that forgets: without a retention CloudWatch keeps, and bills, everything for ever. */
export function logGroup(
  scope: Construct,
  id: string,
  settings: StageSettings,
  logGroupName?: string,
): LogGroup {
  return new LogGroup(scope, id, {
    retention: settings.logRetentionDays,
    // Under a fixed name it would be in the way when the stage is made again.
    removalPolicy: logGroupName ? RemovalPolicy.DESTROY : removalPolicyOf(settings),
    ...(logGroupName && { logGroupName }),
  });
}

/** What holds data outlives its stack in prod, and goes with it elsewhere. */
export function removalPolicyOf({ keepsData }: StageSettings): RemovalPolicy {
  return keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
