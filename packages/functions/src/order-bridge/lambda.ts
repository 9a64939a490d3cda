import { declareTopology } from "@cloud-design/core/billing/queue";
import { createPublisher } from "@cloud-design/core/broker";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import type { SQSEvent } from "aws-lambda";
import { openSqs } from "../shared/sqs.ts";
import { type BridgeDependencies, bridge } from "./bridge.ts";
import { OrderBridgeEnvironment } from "./env.ts";

const environment = parseEnvironment(OrderBridgeEnvironment);
const telemetry = await startTelemetry({ service: "order-bridge", environment });
const publisher = createPublisher(environment.AMQP_URL, {
  name: "order-bridge",
  credentials: credentialsFrom(environment.AMQP_SECRET_ARN),
  setup: declareTopology,
});
const log = createLog("order-bridge");
const sqs = openSqs(environment.ORDERS_QUEUE_URL);

const retryLater: BridgeDependencies["retryLater"] = async (retries) => {
  await sqs("ChangeMessageVisibilityBatch", {
    QueueUrl: environment.ORDERS_QUEUE_URL,
    Entries: retries.map(({ record, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: seconds,
    })),
  });
};

export const handler = flushed(telemetry, (event: SQSEvent) => bridge(event, { publisher, retryLater, log }));
