import type { StageSettings } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { removalPolicyOf } from "./log-group.ts";

/** A private bucket: reachable only over TLS, and only by the policies of these stacks. */
export function createPrivateBucket(
  scope: Construct,
  id: string,
  { settings, ...props }: BucketProps & { settings: StageSettings },
): Bucket {
  return new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: removalPolicyOf(settings),
    autoDeleteObjects: !settings.keepsData,
    ...props,
  });
}

/** A bucket for access logs, which are deleted after the stage's retention. */
export function createLogBucket(scope: Construct, id: string, settings: StageSettings): Bucket {
  return createPrivateBucket(scope, id, {
    settings,
    // CloudFront's standard logs still require an access control list.
    objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
    lifecycleRules: [{ expiration: Duration.days(settings.logRetentionDays) }],
  });
}
