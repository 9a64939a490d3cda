import { createLog } from "@cloud-design/core/log";
import type { SQSRecord } from "aws-lambda";
import { expect, test } from "vitest";
import { ORDER_BRIDGE } from "../shared/orders-queue-limits.ts";
import { type BridgeDependencies, bridge } from "./bridge.ts";

const log = createLog("test");
const nothing = async () => {};

function record(messageId: string, receiveCount = 1, attributes: Record<string, string> = {}): SQSRecord {
  return {
    messageId,
    receiptHandle: `handle ${messageId}`,
    body: `{"id": "${messageId}"}`,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: "0",
      SenderId: "",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: "String" }]),
    ),
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "",
    awsRegion: "",
  };
}

function publisherThatRefuses(...ids: string[]): BridgeDependencies["publisher"] & { published: unknown[] } {
  const published: unknown[] = [];
  return {
    published,
    async publish(exchange, routingKey, content, properties) {
      if (ids.includes(properties.messageId ?? "")) throw new Error("no route");
      published.push({ exchange, routingKey, body: content.toString(), properties });
    },
    close: nothing,
  };
}

test("reports the messages that failed, and only those", async () => {
  const publisher = publisherThatRefuses("b");
  const { batchItemFailures } = await bridge(
    { Records: [record("a"), record("b"), record("c")] },
    "standard",
    { publisher, retryLater: nothing, log },
  );
  expect(batchItemFailures).toEqual([{ itemIdentifier: "b" }]);
  expect(publisher.published).toHaveLength(2);
});

test("passes on the body unchanged and puts the rest into properties", async () => {
  const publisher = publisherThatRefuses();
  const attributes = {
    order_id: "ord_1",
    owner: "ann",
    traceparent: "00-1",
    accepted_at: "2026-11-22T16:40:00.000Z",
  };
  await bridge({ Records: [record("a", 1, attributes)] }, "standard", {
    publisher,
    retryLater: nothing,
    log,
  });
  expect(publisher.published).toMatchObject([
    {
      exchange: "",
      routingKey: "billing_queue",
      body: '{"id": "a"}',
      properties: {
        messageId: "ord_1",
        persistent: true,
        headers: { owner: "ann", traceparent: "00-1", accepted_at: attributes.accepted_at },
      },
    },
  ]);
});

test("a failed message becomes visible again after growing pauses of at most 10 s", async () => {
  const counts = [1, 2, 3, 4, 50];
  const seconds: number[] = [];
  await bridge({ Records: counts.map((count) => record(String(count), count)) }, "standard", {
    publisher: publisherThatRefuses(...counts.map(String)),
    retryLater: async (_, retries) => {
      seconds.push(...retries.map((retry) => retry.seconds));
    },
    log,
  });
  expect(seconds).toEqual([2, 4, 8, 10, 10]);
});

test("failures are reported also when SQS refuses the shorter visibility timeout", async () => {
  const retryLater = () => Promise.reject(new Error("SQS is down"));
  const { batchItemFailures } = await bridge({ Records: [record("a")] }, "standard", {
    publisher: publisherThatRefuses("a"),
    retryLater,
    log,
  });
  expect(batchItemFailures).toEqual([{ itemIdentifier: "a" }]);
});

test("an outage as long as the broker's weekly maintenance window dead-letters no order", () => {
  const [hours, waitSecondsMax] = [2, 10];
  expect(ORDER_BRIDGE.receivesMax * waitSecondsMax).toBeGreaterThan(hours * 3_600);
  expect(ORDER_BRIDGE.visibilitySeconds).toBe(6 * ORDER_BRIDGE.timeoutSeconds);
});
