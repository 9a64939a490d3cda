import { BILLING_QUEUE, orderProperties, sendableId } from "@cloud-design/core/billing/queue";
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
  /** Makes messages visible again sooner than their visibility timeout would. */
  retryLater(retries: readonly { record: SQSRecord; seconds: number }[]): Promise<void>;
  log: Log;
}

/**
 * Hands a batch from SQS to RabbitMQ and reports the failures one by one. It judges no content: what is no order is billing's to
 * reject, with its reason. So every failure here is the broker's state, and passes.
 */
export async function bridge(event: SQSEvent, deps: BridgeDependencies): Promise<SQSBatchResponse> {
  const results = await Promise.allSettled(event.Records.map((record) => handOver(record, deps)));
  const failed = event.Records.filter((_, index) => results[index]?.status === "rejected");
  if (failed.length > 0) {
    const [err] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    count("orders.held_back", failed.length);
    deps.log.warn({ failed: failed.length, of: event.Records.length, err }, "orders stay in SQS");
    await deps
      .retryLater(failed.map((record) => ({ record, seconds: backoffSeconds(record) })))
      .catch((err: unknown) =>
        deps.log.warn({ err }, "orders come back only after their visibility timeout"),
      );
  }
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
}

/** One attempt at one order, as a hop of its trace. */
function handOver(record: SQSRecord, { publisher, log }: BridgeDependencies): Promise<void> {
  const attribute = (name: string) => record.messageAttributes[name]?.stringValue;
  // A message that somebody else put into SQS has no order id; its own id does as well.
  const id = sendableId(attribute("order_id") ?? record.messageId);
  const acceptedAt = attribute("accepted_at");
  const receives = Number(record.attributes.ApproximateReceiveCount);
  const attributes = {
    "messaging.system": "rabbitmq",
    "messaging.destination.name": BILLING_QUEUE,
    "order.id": id,
    "order.receives": receives,
  };
  return forOrder(id, () => {
    // In here, or the parent would not know the order that each line of the log names.
    const parent = parentFrom(attribute("traceparent"));
    return inSpan(`send ${BILLING_QUEUE}`, { kind: SpanKind.PRODUCER, attributes, parent }, async (span) => {
      const properties = orderProperties({
        id,
        owner: attribute("owner"),
        traceparent: traceparentOf(span) ?? attribute("traceparent"),
        acceptedAt,
        publishedAt: new Date().toISOString(),
      });
      await publisher
        .publish("", BILLING_QUEUE, Buffer.from(record.body), properties)
        .catch((err: unknown) => {
          // Each order once: the next attempts are hops of its trace, and thousands of lines would say no more.
          if (receives === 1) log.warn({ receives, err }, "order stays in SQS");
          throw err;
        });
      log.info({ receives }, "order handed over");
      count("orders.handed_over");
      observeSince("orders.sqs.wait", acceptedAt);
    });
  });
}

/** 2, 4, 8, then 10 s: with one receive more, orders flow again within 15 s of the broker's return (R5). */
function backoffSeconds(record: SQSRecord): number {
  return Math.min(10, 2 ** Number(record.attributes.ApproximateReceiveCount));
}
