import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { DomainError } from "@cloud-design/core/errors";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openOrdersQueue } from "./orders-queue.ts";

const ORDER = {
  id: "ord_1",
  owner: "ann",
  lane: "standard" as const,
  acceptedAt: "2026-11-22T16:40:00.000Z",
  body: '{"user_id": "é"}',
};

let server: Server;
let url: string;
let asked: { target: string | undefined; input: Record<string, unknown> }[];
/** The answer of SQS to each request. */
let answer: object;

beforeEach(async () => {
  asked = [];
  server = createServer(async (request, response) => {
    const target = request.headersDistinct["x-amz-target"]?.join();
    asked.push({ target, input: (await json(request)) as Record<string, unknown> });
    response.end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/000000000000/orders`;
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  vi.stubEnv("AWS_ENDPOINT_URL_SQS", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close().closeAllConnections();
});

test("an order becomes a message, with everything but its body in attributes", async () => {
  answer = { MessageId: "1", MD5OfMessageBody: createHash("md5").update(ORDER.body).digest("hex") };
  await openOrdersQueue({ standard: url, priority: `${url}-priority` }).enqueue(ORDER);
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  expect(asked).toEqual([
    {
      target: "AmazonSQS.SendMessage",
      input: {
        QueueUrl: url,
        MessageBody: ORDER.body,
        MessageAttributes: {
          order_id: text("ord_1"),
          owner: text("ann"),
          lane: text("standard"),
          accepted_at: text(ORDER.acceptedAt),
        },
      },
    },
  ]);
});

test.each([
  ["another text", { MessageId: "1", MD5OfMessageBody: createHash("md5").update("{}").digest("hex") }],
  ["no digest of it", { MessageId: "1" }],
])("an order of which SQS confirms %s is not accepted", async (_, confirmed) => {
  answer = confirmed;
  const error = await openOrdersQueue({ standard: url, priority: `${url}-priority` })
    .enqueue(ORDER)
    .catch((thrown) => thrown);
  expect(error).toBeInstanceOf(DomainError);
  expect(error.code).toBe("unavailable");
});

test("the orders that wait are those in every state", async () => {
  answer = {
    Attributes: {
      ApproximateNumberOfMessages: "3",
      ApproximateNumberOfMessagesNotVisible: "2",
      ApproximateNumberOfMessagesDelayed: "1",
    },
  };
  expect(await openOrdersQueue({ standard: url, priority: `${url}-priority` }).countWaiting("standard")).toBe(
    6,
  );
});
