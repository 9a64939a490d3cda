import type { StageSettings } from "@cloud-design/stage/settings";
import { RemovalPolicy, Size } from "aws-cdk-lib";
import { AwsLogDriverMode } from "aws-cdk-lib/aws-ecs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** A log group with a retention: without one, CloudWatch keeps and bills every line for ever. */
export function logGroup(
  scope: Construct,
  id: string,
  settings: StageSettings,
  logGroupName?: string,
): LogGroup {
  return new LogGroup(scope, id, {
    retention: settings.logRetentionDays,
    // No fixed name: it would be in the way when the stage is made again.
    removalPolicy: logGroupName ? RemovalPolicy.DESTROY : removalPolicyOf(settings),
    ...(logGroupName && { logGroupName }),
  });
}

/**
 * The log driver of containers. While CloudWatch takes no lines, the driver buffers them and drops the overflow; otherwise the service would
 * block on its log. The only log line that a promise depends on is the gateway's, which is a function's.
 */
export const LOSSY = { mode: AwsLogDriverMode.NON_BLOCKING, maxBufferSize: Size.mebibytes(8) };

/** In prod, a resource that holds data outlives its stack, unless the creation of that stack failed. Elsewhere it is deleted with the stack. */
export function removalPolicyOf({ keepsData }: StageSettings): RemovalPolicy {
  return keepsData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
