import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { createPublisher, type Publisher, readyIn } from "../broker/index.ts";
import {
  declareEvents,
  declareSubscriber,
  EVENT_DEAD_LETTERS,
  eventId,
  eventProperties,
  ORDER_EVENTS,
  ORDER_EVENTS_SUBSCRIBERS,
  type OrderEvent,
  parseEvent,
} from "./index.ts";

const QUEUES = ["test.first", "test.second"] as const;
const [FIRST, SECOND] = QUEUES;
const amqpUrl = inject("amqpUrl");
let connection: ChannelModel;
let channel: ConfirmChannel;
let publisher: Publisher;

beforeAll(async () => {
  connection = await connect(amqpUrl);
});
afterAll(() => connection.close());

beforeEach(async () => {
  channel = await connection.createConfirmChannel();
  for (const queue of [...QUEUES, EVENT_DEAD_LETTERS]) await channel.deleteQueue(queue);
  await channel.deleteExchange(ORDER_EVENTS);
  await channel.deleteExchange(ORDER_EVENTS_SUBSCRIBERS);
  publisher = createPublisher(amqpUrl, { name: "test", setup: declareEvents });
});
afterEach(async () => {
  await publisher.close();
  for (const queue of QUEUES) await channel.deleteQueue(queue);
  await channel.close();
});

function rejected(orderId: string): OrderEvent {
  return {
    id: eventId(orderId, "order.rejected"),
    type: "order.rejected",
    occurred_at: "2026-11-30T10:00:00.000Z",
    order: { id: orderId, owner: "ann", reason: "Its Idempotency-Key had already been used." },
  };
}

function publish(event: OrderEvent): Promise<void> {
  return publisher.publish(
    ORDER_EVENTS,
    event.type,
    Buffer.from(JSON.stringify(event)),
    eventProperties(event, "00-1-2-01"),
  );
}

test("an event is refused until a subscriber exists, and then every subscriber gets it", async () => {
  await expect(publish(rejected("1"))).rejects.toThrow("No queue takes messages for order_events");
  for (const queue of QUEUES) await declareSubscriber(channel, queue);
  await publish(rejected("2"));
  for (const queue of QUEUES) {
    const message = await channel.get(queue, { noAck: true });
    if (!message) throw new Error(`${queue} is empty`);
    expect(parseEvent(message)).toEqual(rejected("2"));
    expect(message.properties.messageId).toBe("evt_2_order.rejected");
    expect(message.properties.headers).toMatchObject({ traceparent: "00-1-2-01" });
    expect(await channel.get(queue)).toBe(false);
  }
});

test("a deleted exchange is declared anew by the publisher, and no subscriber has to do anything", async () => {
  for (const queue of QUEUES) await declareSubscriber(channel, queue);
  await publish(rejected("1"));
  await channel.deleteExchange(ORDER_EVENTS);
  await expect(publish(rejected("2"))).rejects.toThrow();
  await publish(rejected("2"));
  for (const queue of QUEUES) expect(await readyIn(channel, queue)).toBe(2);
});

test("an exchange that another client declared anew takes no event until it has its subscribers again", async () => {
  await declareSubscriber(channel, FIRST);
  await publish(rejected("1"));
  await channel.deleteExchange(ORDER_EVENTS);
  await channel.assertExchange(ORDER_EVENTS, "topic", { durable: true });
  await expect(publish(rejected("2"))).rejects.toThrow("No queue takes messages");
  await publish(rejected("2"));
  expect(await readyIn(channel, FIRST)).toBe(2);
});

test("an event that a subscriber refuses becomes a dead letter", async () => {
  await declareSubscriber(channel, SECOND);
  await publish(rejected("1"));
  const message = await channel.get(SECOND);
  if (!message) throw new Error("The queue is empty");
  channel.nack(message, false, false);
  await expect.poll(() => readyIn(channel, EVENT_DEAD_LETTERS)).toBe(1);
});

test.each(["", "{}", '{"type":"order.lost","id":"1"}', JSON.stringify({ ...rejected("1"), order: {} })])(
  "a malformed message is refused: %s",
  (body) => {
    expect(() => parseEvent({ content: Buffer.from(body) })).toThrow("The message is not");
  },
);
