import { setImmediate as nextTurn } from "node:timers/promises";
import type { Delivered } from "@cloud-design/core/billing";
import type { Log } from "@cloud-design/core/log";
import { expect, test } from "vitest";
import { follow } from "./follow.ts";

const message = (messageId: string | undefined) =>
  ({
    fields: { redelivered: false },
    properties: { messageId },
    headers: { accepted_at: "2026-11-30T12:00:00.000Z" },
  }) as unknown as Delivered;

test("each message of a batch has a line with its outcome, in their order and after the next batch has begun", async () => {
  const lines: object[] = [];
  const write = (fields: object, text: string) => lines.push({ ...fields, text });
  const log = { info: write, warn: write } as unknown as Log;
  const messages = ["invoice-1", "invoice-2", undefined].map(message) as [Delivered, Delivered, Delivered];
  using batch = follow(messages, "standard", log);
  batch.settled([{ message: messages[0], outcome: "recorded" }]);
  batch.settled([
    { message: messages[1], outcome: "rejected", reason: "It is no order." },
    { message: messages[2], outcome: "repeated" },
  ]);
  expect(lines).toEqual([]);
  await nextTurn();
  const lane = "standard";
  const seconds = expect.any(Number);
  const order_id = expect.stringMatching(/^ext_/);
  expect(lines).toEqual([
    { order_id, lane, outcome: "recorded", seconds, text: "order recorded" },
    { order_id, lane, reason: "It is no order.", text: "order rejected" },
    { lane, outcome: "repeated", seconds, text: "order recorded" },
  ]);
});
