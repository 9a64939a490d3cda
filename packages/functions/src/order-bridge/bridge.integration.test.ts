import { BILLING_QUEUE, declareTopology } from "@cloud-design/core/billing/queue";
import { createPublisher, walkQueue } from "@cloud-design/core/broker";
import { createLog } from "@cloud-design/core/log";
import type { SQSRecord } from "aws-lambda";
import { expect, inject, test } from "vitest";
import { bridge } from "./bridge.ts";

function record(messageId: string, attributes: Record<string, string> = {}): SQSRecord {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: "String" }]),
  );
  const system = { ApproximateReceiveCount: "1" } as SQSRecord["attributes"];
  return { messageId, body: `"${messageId}"`, attributes: system, messageAttributes } as SQSRecord;
}

test.each<[string, Record<string, string>, string]>([
  ["an order id beyond 255 bytes", { order_id: "x".repeat(256) }, ""],
  ["an order id of 64 KB", { order_id: "é".repeat(32_768) }, ""],
  ["an owner of 65,400 bytes", { owner: "x".repeat(65_400) }, 'header "owner"'],
  ["an owner of 1 MB", { owner: "x".repeat(1_000_000) }, 'header "owner"'],
  [
    "a trace and a time of 100 KB",
    { traceparent: "x".repeat(99_999), accepted_at: "x".repeat(99_999) },
    "header",
  ],
])("%s does not hold back a message and the rest of its batch", async (_, attributes, leftOut) => {
  const publisher = createPublisher(inject("amqpUrl"), { name: "test", setup: declareTopology });
  const taken = async () => {
    const messages: Parameters<Parameters<typeof walkQueue>[3]>[0][] = [];
    const options = { name: "test", heldMax: 1_000, isOver: () => false };
    await walkQueue(inject("amqpUrl"), BILLING_QUEUE, options, async (message, takeOut) => {
      messages.push(message);
      takeOut();
    });
    return messages;
  };
  await publisher.publish("", BILLING_QUEUE, Buffer.from("before"), {});
  await taken();
  const records = [record("a"), record("odd", attributes), record("b")];
  const { batchItemFailures } = await bridge({ Records: records }, "standard", {
    publisher,
    retryLater: async () => {},
    log: createLog("test"),
  });
  expect(batchItemFailures).toEqual([]);
  const messages = await taken();
  expect(messages.map(({ content }) => content.toString()).sort()).toEqual(['"a"', '"b"', '"odd"']);
  const odd = messages.find(({ content }) => content.toString() === '"odd"');
  expect(odd?.properties.headers?.["x-left-out"] ?? "").toContain(leftOut);
  await publisher.close();
});
