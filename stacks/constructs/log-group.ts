import type { StageSettings } from "@cloud-design/stage/settings";
import { RemovalPolicy, Size } from "aws-cdk-lib";
import { AwsLogDriverMode } from "aws-cdk-lib/aws-ecs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

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

/**
 * For containers: while CloudWatch takes no lines they are kept here, and the rest is lost. Otherwise the service would stand still with its
 * log. The one line that a promise leans on is the gateway's, a function's.
 */
export const LOSSY = { mode: AwsLogDriverMode.NON_BLOCKING, maxBufferSize: Size.mebibytes(8) };

/** What holds data outlives its stack in prod, unless that stack never came to be, and goes with it elsewhere. */
export function removalPolicyOf({ keepsData }: StageSettings): RemovalPolicy {
  return keepsData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
