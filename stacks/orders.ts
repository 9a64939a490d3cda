import type { OrderBridgeEnvironment } from "@cloud-design/functions/order-bridge/env";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { reservedConcurrency } from "@cloud-design/stage/concurrency";
import { settingsOf } from "@cloud-design/stage/settings";
import { Duration } from "aws-cdk-lib";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import { type StackContext, use } from "sst/constructs";
import { Broker } from "./broker.ts";
import { removalPolicyOf } from "./constructs/log-group.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { Network } from "./network.ts";

/** The queue that holds accepted orders, and the function that carries them on to RabbitMQ. The answer to the client depends only on SQS. */
export function Orders({ stack, app }: StackContext) {
  const settings = settingsOf(app.stage);
  const common: QueueProps = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(ORDER_BRIDGE.retentionDays),
    removalPolicy: removalPolicyOf(settings),
  };
  const deadLetters = new Queue(stack, "DeadLetters", common);
  const queue = new Queue(stack, "Queue", {
    ...common,
    visibilityTimeout: Duration.seconds(ORDER_BRIDGE.visibilitySeconds),
    // Long polling saves the empty answers that a short poll is billed for.
    receiveMessageWaitTime: Duration.seconds(20),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: ORDER_BRIDGE.receivesMax },
  });
  const { vpc, groups } = use(Network);
  const broker = use(Broker);
  const bridge = nodeFunction(stack, "OrderBridge", {
    handler: "packages/functions/src/order-bridge/lambda.handler",
    memorySize: 256,
    timeout: ORDER_BRIDGE.timeoutSeconds,
    isTraced: true,
    network: { vpc, group: groups.orderBridge },
    settings,
    environment: {
      ORDERS_QUEUE_URL: queue.queueUrl,
      AMQP_URL: broker.url,
      AMQP_SECRET_ARN: broker.credentials.secretArn,
    } satisfies OrderBridgeEnvironment,
  });
  broker.credentials.grantRead(bridge);
  bridge.addEventSource(
    new SqsEventSource(queue, {
      batchSize: ORDER_BRIDGE.batchSize,
      maxConcurrency:
        reservedConcurrency(app.stage).orderGateway === undefined
          ? ORDER_BRIDGE.concurrencyShared
          : ORDER_BRIDGE.concurrency,
      reportBatchItemFailures: true,
    }),
  );
  return { queue, deadLetters, bridge };
}
