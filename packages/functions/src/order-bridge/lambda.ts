import { byLane } from "@cloud-design/core/billing/lanes";
import { declareTopology } from "@cloud-design/core/billing/queue";
import { createPublisher } from "@cloud-design/core/broker";
import { parseEnvironment } from "@cloud-design/core/environment";
import { createLog } from "@cloud-design/core/log";
import { credentialsFrom } from "@cloud-design/core/secrets";
import { openSqs } from "@cloud-design/core/sqs";
import { trustAlso } from "@cloud-design/core/trust";
import { flushed, startTelemetry } from "@cloud-design/telemetry";
import type { SQSEvent } from "aws-lambda";
import { type BridgeDependencies, bridge } from "./bridge.ts";
import { OrderBridgeEnvironment } from "./env.ts";
import { laneOfEvent } from "./lane-of-event.ts";

const environment = parseEnvironment(OrderBridgeEnvironment);
trustAlso(environment.AMQP_AUTHORITY ?? []);
const telemetry = await startTelemetry({ service: "order-bridge", environment });
const publisher = createPublisher(environment.AMQP_URL, {
  name: "order-bridge",
  credentials: credentialsFrom(environment.AMQP_SECRET_ARN),
  setup: declareTopology,
});
const log = createLog("order-bridge");
const urls = environment.ORDERS_QUEUE_URLS;
const sqs = byLane((lane) => openSqs(urls[lane]));

const retryLater: BridgeDependencies["retryLater"] = async (lane, retries) => {
  await sqs[lane]("ChangeMessageVisibilityBatch", {
    QueueUrl: urls[lane],
    Entries: retries.map(({ record, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: seconds,
    })),
  });
};

export const handler = flushed(telemetry, (event: SQSEvent) =>
  bridge(event, laneOfEvent(event, urls), { publisher, retryLater, log }),
);
