import { BILLING_QUEUE, orderProperties } from "@cloud-design/core/billing/queue";
import type { Publisher } from "@cloud-design/core/broker";
import type { Log } from "@cloud-design/core/log";
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
  const results = await Promise.allSettled(event.Records.map((record) => publish(record, deps.publisher)));
  const failed = event.Records.filter((_, index) => results[index]?.status === "rejected");
  if (failed.length > 0) {
    const [err] = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    deps.log.warn({ failed: failed.length, of: event.Records.length, err }, "orders stay in SQS");
    await deps
      .retryLater(failed.map((record) => ({ record, seconds: backoffSeconds(record) })))
      .catch((err: unknown) =>
        deps.log.warn({ err }, "orders come back only after their visibility timeout"),
      );
  }
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
}

function publish(record: SQSRecord, publisher: Publisher): Promise<void> {
  const attribute = (name: string) => record.messageAttributes[name]?.stringValue;
  const properties = orderProperties({
    // A message that somebody else put into SQS has no order id; its own id does as well.
    id: attribute("order_id") ?? record.messageId,
    owner: attribute("owner"),
    traceparent: attribute("traceparent"),
    acceptedAt: attribute("accepted_at"),
  });
  return publisher.publish("", BILLING_QUEUE, Buffer.from(record.body), properties);
}

/** 2, 4, 8, then 10 s: with one receive more, orders flow again within 15 s of the broker's return (R5). */
function backoffSeconds(record: SQSRecord): number {
  return Math.min(10, 2 ** Number(record.attributes.ApproximateReceiveCount));
}
