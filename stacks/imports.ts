import { IMPORT_RETENTION_DAYS } from "@cloud-design/core/inventory/import";
import type { ImportLoaderEnvironment } from "@cloud-design/functions/import-loader/env";
import type { ImportSplitterEnvironment } from "@cloud-design/functions/import-splitter/env";
import { IMPORT_LOADER, IMPORT_SPLITTER } from "@cloud-design/functions/shared/import-limits";
import { stageSettings } from "@cloud-design/stage/preset";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { type Function as SstFunction, type StackContext, use } from "sst/constructs";
import { createImportsBucket, tellQueue } from "./constructs/imports-bucket.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { deadLetterQueue, workQueue } from "./constructs/work-queue.ts";
import { Databases } from "./databases.ts";
import { Network } from "./network.ts";
import { Site } from "./site.ts";

/** The maximum of SQS: an operator has two weeks to look. */
const DEAD_LETTER_DAYS = 14;

/**
 * Files of movies on their way into the database: a bucket to which clients upload by a form that inventory signs, a function that splits a file,
 * one that loads its chunks, and a queue before each. Without files it costs the polls of the two queues alone (docs/cost.md).
 */
export function Imports({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const { vpc, groups } = use(Network);
  const { inventory: database } = use(Databases);
  const bucket = createImportsBucket(stack, { settings, siteUrl: use(Site).siteUrl });
  const queuesOf = (id: string, limits: { visibilitySeconds: number; receivesMax: number }) => {
    const deadLetters = deadLetterQueue(stack, `${id}DeadLetters`, {
      retentionDays: DEAD_LETTER_DAYS,
      settings,
    });
    // A message can be tried as long as its objects exist.
    const kept = { retentionDays: IMPORT_RETENTION_DAYS, settings };
    return { queue: workQueue(stack, `${id}Queue`, { ...kept, limits, deadLetters }), deadLetters };
  };
  const files = queuesOf("Files", IMPORT_SPLITTER);
  const chunks = queuesOf("Chunks", IMPORT_LOADER);
  tellQueue(stack, bucket, files.queue);

  const splitter = nodeFunction(stack, "ImportSplitter", {
    handler: "packages/functions/src/import-splitter/lambda.handler",
    memorySize: IMPORT_SPLITTER.memoryMegabytes,
    timeout: IMPORT_SPLITTER.timeoutSeconds,
    isTraced: true,
    settings,
    environment: {
      NODE_OPTIONS: IMPORT_SPLITTER.nodeOptions,
      ...({
        IMPORTS_BUCKET: bucket.bucketName,
        IMPORTS_QUEUE_URL: files.queue.queueUrl,
        IMPORT_CHUNKS_QUEUE_URL: chunks.queue.queueUrl,
      } satisfies ImportSplitterEnvironment),
    },
  });
  allow(splitter, "s3:GetObject", objectsOf(bucket, "imports/*/upload", "imports/*/sent"));
  allow(splitter, "s3:PutObject", objectsOf(bucket, "imports/*/chunks/*", "imports/*/sent", "reports/*"));
  allow(splitter, "sqs:SendMessage", [chunks.queue.queueArn]);

  const loader = nodeFunction(stack, "ImportLoader", {
    handler: "packages/functions/src/import-loader/lambda.handler",
    memorySize: IMPORT_LOADER.memoryMegabytes,
    timeout: IMPORT_LOADER.timeoutSeconds,
    isTraced: true,
    network: { vpc, group: groups.importLoader },
    settings,
    environment: {
      IMPORTS_BUCKET: bucket.bucketName,
      IMPORT_CHUNKS_QUEUE_URL: chunks.queue.queueUrl,
      DATABASE_URL: database.url,
      DATABASE_SECRET_ARN: database.credentials.secretArn,
    } satisfies ImportLoaderEnvironment,
  });
  allow(loader, "s3:GetObject", objectsOf(bucket, "imports/*/chunks/*"));
  database.credentials.grantRead(loader);

  for (const reader of [splitter, loader]) {
    // With it S3 tells a missing object from a forbidden one.
    allow(reader, "s3:ListBucket", [bucket.bucketArn]);
  }
  consume(splitter, files.queue, IMPORT_SPLITTER);
  consume(loader, chunks.queue, IMPORT_LOADER);
  return { bucket, files, chunks, splitter, loader };
}

function objectsOf(bucket: Bucket, ...keys: string[]): string[] {
  return keys.map((key) => bucket.arnForObjects(key));
}

function allow(one: SstFunction, action: string, resources: string[]): void {
  one.addToRolePolicy(new PolicyStatement({ actions: [action], resources }));
}

function consume(
  one: SstFunction,
  queue: Queue,
  { batchSize, concurrency }: { batchSize: number; concurrency: number },
): void {
  one.addEventSource(
    new SqsEventSource(queue, { batchSize, maxConcurrency: concurrency, reportBatchItemFailures: true }),
  );
}
