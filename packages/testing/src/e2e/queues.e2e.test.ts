import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { BILLING_DEAD_LETTERS, eachLane, LANE_NAMES, LANES } from "@cloud-design/core/billing";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import type { GetMessage } from "amqplib";
import { describe, expect, it, vi } from "vitest";
import { call, platform, SOON, stopped } from "./client.ts";
import {
  newUserId,
  ordersOfUser,
  publishForeign,
  queueAttributes,
  sqs,
  untilSettled,
  withChannel,
} from "./stores.ts";

const order = () => ({ user_id: String(newUserId()), number_of_items: "5", total_amount: "180" });

async function untilOneOrderOf({ user_id }: { user_id: string }): Promise<void> {
  await expect.poll(() => ordersOfUser(Number(user_id)), SOON).toHaveLength(1);
  await untilSettled();
  expect(await ordersOfUser(Number(user_id))).toHaveLength(1);
}

/** Takes the dead letter with this body from its queue, and every dead letter before it. */
async function deadLetter(body: string): Promise<GetMessage> {
  return withChannel((channel) =>
    vi.waitFor(async () => {
      const message = await channel.get(BILLING_DEAD_LETTERS, { noAck: true });
      if (!message || message.content.toString() !== body) throw new Error(`no dead letter ${body}`);
      return message;
    }, SOON),
  );
}

describe("billing_queue", () => {
  it("takes a bare message of a foreign client, with no properties at all", async () => {
    const body = order();
    await publishForeign(body);
    await untilOneOrderOf(body);
    const [row] = await ordersOfUser(Number(body.user_id));
    expect(row).toMatchObject({ number_of_items: 5, total_amount: "180.00", owner: null, traceparent: null });
    expect(row?.id).toMatch(/^ext_/);
  });

  it("records a foreign message once when it comes twice with the same message id", async () => {
    const body = order();
    const messageId = randomUUID();
    await publishForeign(body, { messageId });
    await publishForeign(body, { messageId });
    await untilOneOrderOf(body);
  });

  it("drops the extra fields of a foreign client's order", async () => {
    const body = order();
    await publishForeign({ ...body, id: "ord_mine", status: "recorded" });
    await untilOneOrderOf(body);
  });

  it.each(["no JSON", '{"user_id":"3"}', "[]"])(
    "puts %s among the dead letters, with its reason",
    async (body) => {
      await publishForeign(body);
      const { properties } = await deadLetter(body);
      expect(properties.headers).toMatchObject({ "x-reason": expect.stringMatching(/\w/) });
    },
  );
});

describe("the lane", () => {
  const FORGED = {
    "cognito-groups": "[premium]",
    "x-cognito-groups": "premium",
    "x-amzn-oidc-data": Buffer.from('{"cognito:groups":["premium"]}').toString("base64"),
    groups: "premium",
    lane: "priority",
    "x-lane": "priority",
  };
  const waiting = () =>
    eachLane(async (lane) => (await queueDepth(sqs, platform.queues.lanes[lane])).visible);
  const post = (options: Parameters<typeof call>[2]) =>
    call("POST", "/api/billing?lane=priority&cognito:groups=[premium]", { body: order(), ...options });

  it("an ordinary caller's order takes the standard lane, whatever its headers say", async () => {
    await untilSettled();
    await using bridge = await stopped("order-bridge");
    await post({ headers: FORGED });
    await post({ as: "machine", headers: FORGED });
    await expect.poll(waiting, SOON).toEqual({ standard: 2, priority: 0 });
    await post({ as: "premium" });
    await expect.poll(waiting, SOON).toEqual({ standard: 2, priority: 1 });
    await bridge.start();
  });

  it("an order whose message comes in both lanes is one row", async () => {
    const body = order();
    await call("POST", "/api/billing", { as: "premium", body, headers: { "idempotency-key": body.user_id } });
    await untilOneOrderOf(body);
    await withChannel(async (channel) => {
      const [row] = await ordersOfUser(Number(body.user_id));
      channel.publish("", LANES.standard.queue, Buffer.from(JSON.stringify(body)), { messageId: row?.id });
    });
    await untilOneOrderOf(body);
  });
});

describe("the SQS queue `orders`", () => {
  const send = (body: string) =>
    sqs.send(new SendMessageCommand({ QueueUrl: platform.queues.orders, MessageBody: body }));

  it.each(LANE_NAMES)(
    "has in the lane %s a dead-letter queue, and the same limits as on AWS",
    async (lane) => {
      const attributes = await queueAttributes(platform.queues.lanes[lane]);
      const deadLetters = await queueAttributes(platform.queues.deadLetters);
      expect(JSON.parse(attributes.RedrivePolicy ?? "{}")).toEqual({
        deadLetterTargetArn: deadLetters.QueueArn,
        maxReceiveCount: ORDER_BRIDGE.receivesMax,
      });
      expect(attributes.VisibilityTimeout).toBe(String(ORDER_BRIDGE.visibilitySeconds));
      for (const { MessageRetentionPeriod } of [attributes, deadLetters])
        expect(MessageRetentionPeriod).toBe(String(ORDER_BRIDGE.retentionDays * 24 * 60 * 60));
    },
  );

  it("carries a message without attributes into one row, even when the bridge delivers it twice", async () => {
    const body = order();
    const { MessageId = "" } = await send(JSON.stringify(body));
    await publishForeign(body, { messageId: MessageId });
    await untilOneOrderOf(body);
    const [row] = await ordersOfUser(Number(body.user_id));
    expect(row).toMatchObject({ number_of_items: 5, total_amount: "180.00", owner: null });
  });

  it("goes on after a malformed order", async () => {
    const body = JSON.stringify({ no: randomUUID() });
    await send(body);
    const { properties } = await deadLetter(body);
    expect(properties.headers).toMatchObject({ "x-reason": expect.stringContaining("user_id") });
    expect(await queueDepth(sqs, platform.queues.deadLetters)).toMatchObject({ visible: 0 });
  });
});
