import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keyOf, Recorder } from "./recorder.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const KEY = "AWS/SQS ApproximateAgeOfOldestMessage QueueName=<Orders/Queue.QueueName>";

it("a second counts as a minute, and a recording contains only complete minutes", () => {
  const recorder = new Recorder(new Set([KEY]));
  recorder.take(KEY, 1);
  vi.advanceTimersByTime(1_000);
  recorder.take(KEY, 2);
  recorder.take(KEY, 2);
  recorder.take(KEY, 3);
  vi.advanceTimersByTime(1_500);
  recorder.take(KEY, 4);
  expect(recorder.recording("a-fault", { fault: [1, 1] })).toEqual({
    fault: "a-fault",
    minutes: 2,
    phases: { fault: [1, 1] },
    series: { [KEY]: { 0: [1], 1: [[2, 2], 3] } },
  });
});

it("keeps only metrics that an alarm uses, and nothing of an earlier recording", () => {
  const recorder = new Recorder(new Set([KEY]));
  recorder.take("AWS/SQS NumberOfMessagesSent QueueName=<Orders/Queue.QueueName>", 1);
  recorder.take(KEY, 1);
  recorder.begin();
  vi.advanceTimersByTime(1_000);
  expect(recorder.recording("a-fault", {}).series).toEqual({});
});

it("finds the only metric with a name and a dimension, and refuses to choose among several", () => {
  const other = "AWS/SQS ApproximateAgeOfOldestMessage QueueName=<Orders/DeadLetters.QueueName>";
  const wanted = new Set([KEY, other]);
  expect(keyOf(wanted, "AWS/SQS ApproximateAgeOfOldestMessage", "<Orders/Queue")).toBe(KEY);
  expect(keyOf(wanted, "AWS/SQS NumberOfMessagesSent")).toBe("");
  expect(() => keyOf(wanted, "AWS/SQS ApproximateAgeOfOldestMessage")).toThrow("more than one metric");
});
