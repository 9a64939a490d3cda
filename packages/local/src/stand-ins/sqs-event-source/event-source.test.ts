import type { Log } from "@cloud-design/core/log";
import type { SQSEvent } from "aws-lambda";
import { describe, expect, it, vi } from "vitest";
import { type LambdaFunction, lambdaFunction } from "../lambda/lambda-function.ts";
import { type EventSource, handleBatch, runEventSource } from "./event-source.ts";
import { type Message, toEvent } from "./to-event.ts";
import { failedIds } from "./verdict.ts";

const QUEUE_URL = "http://127.0.0.1:9324/000000000000/orders";

describe("failedIds", () => {
  const ids = ["a", "b", "c"];

  it.each([
    ["no response", undefined],
    ["null", null],
    ["an empty object", {}],
    ["a null list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
  ])("takes %s for full success", (_, response) => {
    expect([...failedIds(ids, response)]).toEqual([]);
  });

  it("keeps only the messages that are named", () => {
    expect([...failedIds(ids, { batchItemFailures: [{ itemIdentifier: "b" }] })]).toEqual(["b"]);
  });

  it.each([
    ["text", "ok"],
    ["a list that is a string", { batchItemFailures: "b" }],
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["a misspelt key", { batchItemFailures: [{ itemId: "b" }] }],
    [
      "an identifier from elsewhere",
      { batchItemFailures: [{ itemIdentifier: "b" }, { itemIdentifier: "x" }] },
    ],
  ])("takes %s for full failure", (_, response) => {
    expect([...failedIds(ids, response)]).toEqual(ids);
  });
});

describe("toEvent", () => {
  it("spells a message as Lambda does", () => {
    const message: Message = {
      MessageId: "m-1",
      ReceiptHandle: "r-1",
      Body: '{"user_id":3}',
      MD5OfBody: "5d41402abc4b2a76b9719d911017c592",
      Attributes: { ApproximateReceiveCount: "2", SentTimestamp: "1795367121491" },
      MessageAttributes: {
        traceparent: { DataType: "String", StringValue: "00-1-2-01" },
        raw: { DataType: "Binary", BinaryValue: "AQI=" },
      },
    };
    expect(toEvent([message], QUEUE_URL, "eu-west-3").Records).toEqual([
      {
        messageId: "m-1",
        receiptHandle: "r-1",
        body: '{"user_id":3}',
        md5OfBody: "5d41402abc4b2a76b9719d911017c592",
        attributes: { ApproximateReceiveCount: "2", SentTimestamp: "1795367121491" },
        messageAttributes: {
          traceparent: {
            stringValue: "00-1-2-01",
            stringListValues: [],
            binaryListValues: [],
            dataType: "String",
          },
          raw: { binaryValue: "AQI=", stringListValues: [], binaryListValues: [], dataType: "Binary" },
        },
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-west-3:000000000000:orders",
        awsRegion: "eu-west-3",
      },
    ]);
  });
});

describe("handleBatch", () => {
  it("deletes the handled messages and leaves those that were reported as failed", async () => {
    const { source, removed } = fake({
      handler: async () => ({ batchItemFailures: [{ itemIdentifier: "b" }] }),
    });
    await handleBatch(source, messages("a", "b", "c"));
    expect(removed).toEqual(["a", "c"]);
  });

  it("deletes nothing when the handler throws", async () => {
    const { source, removed, errors } = fake({
      handler: async () => {
        throw new Error("broken");
      },
    });
    await handleBatch(source, messages("a"));
    expect(removed).toEqual([]);
    expect(errors()).toBe(1);
  });

  it("deletes nothing when the handler runs into its time-out, even if it succeeds later", async () => {
    const late = Promise.withResolvers<undefined>();
    const { source, removed } = fake({ handler: () => late.promise, handlerSeconds: 0.02 });
    await handleBatch(source, messages("a"));
    late.resolve(undefined);
    await late.promise;
    expect(removed).toEqual([]);
  });

  it("tells the handler how much time is left", async () => {
    let left = 0;
    const { source } = fake({
      handler: async (_, context) => {
        left = context.getRemainingTimeInMillis();
      },
      handlerSeconds: 30,
    });
    await handleBatch(source, messages("a"));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(30_000);
  });

  it("goes on after a delete that fails", async () => {
    const { source } = fake({
      remove: async () => {
        throw new Error("SQS is down");
      },
    });
    await expect(handleBatch(source, messages("a"))).resolves.toBeUndefined();
  });
});

describe("runEventSource", () => {
  it("handles as many batches at a time as its concurrency allows", async () => {
    const stop = new AbortController();
    const gate = Promise.withResolvers<void>();
    let running = 0;
    const { source } = fake({
      receive: async () => messages("a"),
      handler: async () => {
        running += 1;
        await gate.promise;
      },
    });
    const done = runEventSource(source, stop.signal);
    await expect.poll(() => running).toBe(2);
    stop.abort();
    gate.resolve();
    await done;
    expect(running).toBe(2);
  });

  it("handles the messages of a poll that is under way at the signal, then ends", async () => {
    const stop = new AbortController();
    const poll = Promise.withResolvers<Message[]>();
    const { source, removed } = fake({ receive: () => poll.promise, concurrency: 1 });
    const done = runEventSource(source, stop.signal);
    stop.abort();
    poll.resolve(messages("last"));
    await done;
    expect(removed).toEqual(["last"]);
  });

  it("reports an outage of SQS once, keeps polling, and goes on when it answers again", async () => {
    const stop = new AbortController();
    let polls = 0;
    const { source, removed, warnings } = fake({
      receive: async () => {
        polls += 1;
        if (polls <= 6) throw new Error("ECONNREFUSED");
        stop.abort();
        return messages(`m${polls}`);
      },
    });
    await runEventSource(source, stop.signal);
    expect(removed).not.toEqual([]);
    expect(warnings()).toBe(1);
  });
});

function messages(...ids: string[]): Message[] {
  const content = { Body: "{}", MD5OfBody: "", Attributes: {}, MessageAttributes: {} };
  return ids.map((id) => ({ MessageId: id, ReceiptHandle: `r-${id}`, ...content }));
}

type Handler = LambdaFunction<SQSEvent, unknown>["handler"];

function fake({
  handler = async () => undefined,
  handlerSeconds = 30,
  ...overrides
}: Partial<EventSource> & { handler?: Handler; handlerSeconds?: number }) {
  const removed: (string | undefined)[] = [];
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const source: EventSource = {
    receive: async () => [],
    remove: async (done) => {
      removed.push(...done.map((message) => message.MessageId));
    },
    invoke: lambdaFunction({ name: "order-bridge", timeoutSeconds: handlerSeconds, handler }),
    queueUrl: QUEUE_URL,
    region: "eu-west-3",
    concurrency: 2,
    log: log as unknown as Log,
    ...overrides,
  };
  return {
    source,
    removed,
    warnings: () => log.warn.mock.calls.length,
    errors: () => log.error.mock.calls.length,
  };
}
