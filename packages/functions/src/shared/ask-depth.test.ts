import { expect, test } from "vitest";
import { askDepth } from "./ask-depth.ts";

const FIGURES = {
  ApproximateNumberOfMessages: "3",
  ApproximateNumberOfMessagesNotVisible: "2",
  ApproximateNumberOfMessagesDelayed: "1",
};
const answering = (Attributes?: Record<string, string>) => async () => ({ Attributes });

test("a depth has a figure for each state of a message", async () => {
  expect(await askDepth(answering(FIGURES), "orders")).toEqual({ visible: 3, inFlight: 2, delayed: 1 });
});

test("the question fails when SQS leaves out a figure", async () => {
  const { ApproximateNumberOfMessagesDelayed: _, ...others } = FIGURES;
  await expect(askDepth(answering(others), "orders")).rejects.toThrow("ApproximateNumberOfMessagesDelayed");
  await expect(askDepth(answering(), "orders")).rejects.toThrow("ApproximateNumberOfMessages of orders");
});
