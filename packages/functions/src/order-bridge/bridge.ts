import { LOG_MESSAGES, SPAN_NAMES } from "@cloud-design/core/billing/events";
import { LANES, type Lane } from "@cloud-design/core/billing/lanes";
import { orderProperties, sendableId } from "@cloud-design/core/billing/queue";
import type { Publisher } from "@cloud-design/core/broker";
import type { Log } from "@cloud-design/core/log";
import {
  count,
  forOrder,
  inSpan,
  observeSince,
  parentFrom,
  SpanKind,
  traceparentOf,
} from "@cloud-design/core/telemetry";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export interface BridgeDependencies {
  publisher: Publisher;
  /** Makes messages of a lane visible again sooner than their visibility timeout would. */
  retryLater(lane: Lane, retries: readonly { record: SQSRecord; seconds: number }[]): Promise<void>;
  log: Log;
}

/**
 * Passes a batch of one lane from SQS to RabbitMQ and reports each failure separately. It does not check the content: billing
 * rejects a message that is not an order, with a reason. So every failure here is a state of the broker, which passes.
 */
export async function bridge(
  event: SQSEvent,
  lane: Lane,
  deps: BridgeDependencies,
): Promise<SQSBatchResponse> {
  const results = await Promise.allSettled(event.Records.map((record) => handOver(record, lane, deps)));
  const failed = event.Records.filter((_, index) => results[index]?.status === "rejected");
  if (failed.length > 0) {
    const [err] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    count("orders.held_back", failed.length);
    deps.log.warn({ failed: failed.length, of: event.Records.length, err }, "orders stay in SQS");
    await deps
      .retryLater(
        lane,
        failed.map((record) => ({ record, seconds: backoffSeconds(record) })),
      )
      .catch((err: unknown) =>
        deps.log.warn({ err }, "orders come back only after their visibility timeout"),
      );
  }
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
}

/** One attempt for one order, as a span of its trace. */
function handOver(record: SQSRecord, lane: Lane, { publisher, log }: BridgeDependencies): Promise<void> {
  const { queue } = LANES[lane];
  const attribute = (name: string) => record.messageAttributes[name]?.stringValue;
  // A foreign message in SQS has no order id; its SQS message id serves instead.
  const id = sendableId(attribute("order_id") ?? record.messageId);
  const acceptedAt = attribute("accepted_at");
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const attributes = {
    "messaging.system": "rabbitmq",
    "messaging.destination.name": queue,
    "order.id": id,
    "order.receives": receives,
  };
  return forOrder(id, () => {
    // Inside `forOrder`: otherwise the span's log lines would not name the order.
    const parent = parentFrom(attribute("traceparent"));
    return inSpan(SPAN_NAMES.sendBilling, { kind: SpanKind.PRODUCER, attributes, parent }, async (span) => {
      const properties = orderProperties({
        id,
        owner: attribute("owner"),
        traceparent: traceparentOf(span) ?? attribute("traceparent"),
        acceptedAt,
        publishedAt: new Date().toISOString(),
      });
      await publisher.publish("", queue, Buffer.from(record.body), properties).catch((err: unknown) => {
        // Logged once per order: later attempts are spans of its trace, and thousands of lines would add nothing.
        if (receives === 1) log.warn({ receives, err }, LOG_MESSAGES.staysInSqs);
        throw err;
      });
      log.info({ receives }, LOG_MESSAGES.handedOver);
      count("orders.handed_over");
      observeSince("orders.sqs.wait", acceptedAt, { lane });
    });
  });
}

/** 2, 4, 8, then 10 s: with one further receive, orders flow again within 15 s of the broker's return (R5). */
function backoffSeconds(record: SQSRecord): number {
  return Math.min(10, 2 ** Number(record.attributes.ApproximateReceiveCount));
}
