import type { SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { queueDepth } from "./queue-depth.ts";

const FIGURES = {
  ApproximateNumberOfMessages: "3",
  ApproximateNumberOfMessagesNotVisible: "2",
  ApproximateNumberOfMessagesDelayed: "1",
};
const answering = (Attributes?: Record<string, string>) =>
  ({ send: async () => ({ Attributes }) }) as unknown as SQSClient;

test("a depth has a figure for each state of a message", async () => {
  expect(await queueDepth(answering(FIGURES), "orders")).toEqual({ visible: 3, inFlight: 2, delayed: 1 });
});

test("the question fails when SQS leaves out a figure", async () => {
  const { ApproximateNumberOfMessagesDelayed: _, ...others } = FIGURES;
  await expect(queueDepth(answering(others), "orders")).rejects.toThrow("ApproximateNumberOfMessagesDelayed");
  await expect(queueDepth(answering(), "orders")).rejects.toThrow("ApproximateNumberOfMessages of orders");
});
