import { IMPORT_RETENTION_DAYS } from "@cloud-design/core/inventory/import";
import type { StageSettings } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type Bucket, type CfnBucket, EventType, HttpMethods } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Stack } from "sst/constructs";
import { createPrivateBucket } from "./bucket.ts";

/** After this time a client may send the file again; the movies are in the database, and a report has been read. */
const KEPT = Duration.days(IMPORT_RETENTION_DAYS);

/** The private bucket of imported files. A page of our own site may upload to it, and no other page. */
export function createImportsBucket(
  stack: Stack,
  { settings, siteUrl }: { settings: StageSettings; siteUrl: string },
): Bucket {
  return createPrivateBucket(stack, "Files", {
    settings,
    lifecycleRules: [{ expiration: KEPT }],
    cors: [
      {
        allowedOrigins: [siteUrl],
        // The form, and the report.
        allowedMethods: [HttpMethods.POST, HttpMethods.GET],
        allowedHeaders: ["content-type"],
        maxAge: 3_600,
      },
    ],
  });
}

/**
 * S3 tells the queue of each upload. Without CDK's helper, a function that may change the events of every bucket. The queue accepts any bucket of
 * this account: its policy must exist before the bucket, whose name is not known until then. The reader looks only into its own bucket.
 */
export function tellQueue(stack: Stack, bucket: Bucket, queue: Queue): void {
  const { policyDependable } = queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  const cfnBucket = bucket.node.defaultChild as CfnBucket;
  cfnBucket.notificationConfiguration = {
    queueConfigurations: [
      {
        event: EventType.OBJECT_CREATED,
        queue: queue.queueArn,
        filter: {
          s3Key: {
            rules: [
              { name: "prefix", value: "imports/" },
              { name: "suffix", value: "/upload" },
            ],
          },
        },
      },
    ],
  };
  // S3 asks the queue when it gets the configuration.
  if (policyDependable) cfnBucket.node.addDependency(policyDependable);
}
