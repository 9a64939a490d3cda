import { WEBHOOK_DELIVERY, WEBHOOK_RETRIES } from "@cloud-design/functions/shared/webhook-limits";
import type { WebhookDeliveryEnvironment } from "@cloud-design/functions/webhook-delivery/env";
import { reservedConcurrency } from "@cloud-design/stage/concurrency";
import { stageSettings } from "@cloud-design/stage/preset";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { StackContext } from "sst/constructs";
import { replicasOf } from "./constructs/copies.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { deadLetterQueue, workQueue } from "./constructs/work-queue.ts";

/**
 * The function that posts events to the callers' webhooks, and its queues. It stands outside the network, so there is
 * nothing behind it that a hostile address could reach. Without any delivery it costs its secret, $0.40 a month (twice
 * where it has a copy in another region), and the polls of its queues.
 */
export function Webhooks({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const kept = { retentionDays: WEBHOOK_DELIVERY.retentionDays, settings };
  const deadLetters = deadLetterQueue(stack, "DeadLetters", kept);
  const deliveries = workQueue(stack, "Deliveries", { ...kept, limits: WEBHOOK_DELIVERY, deadLetters });
  const retries = workQueue(stack, "Retries", { ...kept, limits: WEBHOOK_RETRIES, deadLetters });
  const secret = new Secret(stack, "Secret", {
    description:
      "The secrets of all webhooks are derived from it: after a change receivers refuse every delivery",
    generateSecretString: { excludePunctuation: true, passwordLength: 64 },
    replicaRegions: replicasOf(stack, settings),
  });
  const delivery = nodeFunction(stack, "WebhookDelivery", {
    handler: "packages/functions/src/webhook-delivery/lambda.handler",
    memorySize: 256,
    timeout: WEBHOOK_DELIVERY.timeoutSeconds,
    settings,
    environment: {
      WEBHOOK_SECRET_ARN: secret.secretArn,
      WEBHOOK_RETRIES_URL: retries.queueUrl,
      WEBHOOK_DEAD_LETTERS_URL: deadLetters.queueUrl,
    } satisfies WebhookDeliveryEnvironment,
  });
  secret.grantRead(delivery);
  delivery.addToRolePolicy(
    new PolicyStatement({
      actions: ["sqs:SendMessage"],
      resources: [retries.queueArn, deadLetters.queueArn],
    }),
  );
  delivery.addEventSource(
    new SqsEventSource(deliveries, {
      batchSize: WEBHOOK_DELIVERY.batchSize,
      maxConcurrency:
        reservedConcurrency(app.stage).orderGateway === undefined
          ? WEBHOOK_DELIVERY.concurrencyShared
          : WEBHOOK_DELIVERY.concurrency,
      reportBatchItemFailures: true,
    }),
  );
  return { deliveries, retries, deadLetters, secret, delivery };
}
