import { byLane, LANE_NAMES, type Lane } from "@cloud-design/core/billing/lanes";
import type { OrderBridgeEnvironment } from "@cloud-design/functions/order-bridge/env";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { reservedConcurrency } from "@cloud-design/stage/concurrency";
import { stageSettings } from "@cloud-design/stage/preset";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { type StackContext, use } from "sst/constructs";
import { Broker } from "./broker.ts";
import { nodeFunction } from "./constructs/node-function.ts";
import { deadLetterQueue, workQueue } from "./constructs/work-queue.ts";
import { Network } from "./network.ts";

/** Construct ids, which are permanent. */
const IDS = { standard: "Queue", priority: "Priority" } satisfies Record<Lane, string>;

/**
 * The queue of each lane that holds accepted orders, and the function that carries them on to RabbitMQ. The answer to the client depends only on
 * SQS. An empty queue costs $0.26 a month, for the bridge's polls.
 */
export function Orders({ stack, app }: StackContext) {
  const settings = stageSettings(app.stage);
  const kept = { retentionDays: ORDER_BRIDGE.retentionDays, settings };
  const deadLetters = deadLetterQueue(stack, "DeadLetters", kept);
  const queues = byLane((lane) =>
    workQueue(stack, IDS[lane], { ...kept, limits: ORDER_BRIDGE, deadLetters }),
  );
  const queueUrls = JSON.stringify(byLane((lane) => queues[lane].queueUrl));
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
      ORDERS_QUEUE_URLS: queueUrls,
      ...broker.environment(stack),
    } satisfies OrderBridgeEnvironment,
  });
  broker.credentials.grantRead(bridge);
  const isShared = reservedConcurrency(app.stage).orderGateway === undefined;
  for (const lane of LANE_NAMES)
    bridge.addEventSource(
      new SqsEventSource(queues[lane], {
        batchSize: ORDER_BRIDGE.batchSize,
        maxConcurrency: isShared ? ORDER_BRIDGE.concurrencyShared : ORDER_BRIDGE.concurrency[lane],
        reportBatchItemFailures: true,
      }),
    );
  return { queues, queueUrls, deadLetters, bridge };
}
