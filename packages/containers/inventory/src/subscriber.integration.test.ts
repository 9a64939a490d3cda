import { readyIn } from "@cloud-design/core/broker";
import { type Database, openDatabase } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import {
  declareSubscriber,
  EVENT_DEAD_LETTERS,
  eventId,
  eventProperties,
  ORDER_EVENTS,
  type OrderEvent,
} from "@cloud-design/core/events";
import * as Inventory from "@cloud-design/core/inventory";
import { createLog } from "@cloud-design/core/log";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { countPopularity } from "./popularity.ts";
import { type Hear, type Subscriber, startSubscriber } from "./subscriber.ts";

const QUEUE = "test.subscriber";
const amqpUrl = inject("amqpUrl");
const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
let connection: ChannelModel;
let channel: ConfirmChannel;
let database: Database;
let subscribers: Subscriber[];

beforeAll(async () => {
  connection = await connect(amqpUrl);
});
afterAll(async () => {
  await connection.close();
  await admin.end();
});
beforeEach(async () => {
  channel = await connection.createConfirmChannel();
  await channel.deleteQueue(QUEUE);
  await declareSubscriber(channel, QUEUE);
  await channel.purgeQueue(EVENT_DEAD_LETTERS);
  await admin`TRUNCATE movies, counted_events`;
  database = openDatabase({ url: inject("moviesUrl"), name: "test" });
  subscribers = [];
});
afterEach(async () => {
  await Promise.all(subscribers.map((subscriber) => subscriber.close()));
  await channel.deleteQueue(QUEUE);
  await channel.close();
  await database.close();
});

function start(hear: Hear = countPopularity(database), limits: { batchMax?: number } = {}): Subscriber {
  const subscriber = startSubscriber({ amqpUrl, queue: QUEUE, hear, ...limits, log: createLog("test") });
  subscribers.push(subscriber);
  return subscriber;
}

function recorded(orderId: string, movie_id?: number): OrderEvent {
  return {
    id: eventId(orderId, "order.recorded"),
    type: "order.recorded",
    occurred_at: "2026-11-30T10:00:00.000Z",
    order: { id: orderId, number_of_items: 1, total_amount: "9.00", ...(movie_id && { movie_id }) },
  };
}

async function publish(...events: OrderEvent[]): Promise<void> {
  for (const event of events) {
    const content = Buffer.from(JSON.stringify(event));
    channel.publish(ORDER_EVENTS, event.type, content, eventProperties(event));
  }
  await channel.waitForConfirms();
}

async function createMovie(title: string): Promise<number> {
  const body = { title, description: "" };
  return (await database.run((db) => Inventory.create(db, body, { owner: "ann" }))).id;
}

const times = async () =>
  (await admin`SELECT times_ordered FROM movies ORDER BY id`).map((row) => row.times_ordered);
const isEmpty = () =>
  expect
    .poll(async () => {
      const { messageCount } = await channel.checkQueue(QUEUE);
      return messageCount;
    })
    .toBe(0);

test("two tasks count 200 orders, each once, although every event arrives twice", async () => {
  const [first, second] = [await createMovie("Playtime"), await createMovie("Traffic")];
  const events = Array.from({ length: 200 }, (_, number) =>
    recorded(`ord_${number}`, number % 4 ? first : second),
  );
  await publish(...events, ...events.toReversed());
  start();
  start();
  await expect.poll(times).toEqual([150, 50]);
  await isEmpty();
  expect(await times()).toEqual([150, 50]);
});

test("a subscriber that sets a limit hears no more events together, and all of them", async () => {
  await publish(...Array.from({ length: 25 }, (_, number) => recorded(`ord_${number}`)));
  const heard: string[][] = [];
  start(async (events) => heard.push(events.map(({ order }) => order.id)), { batchMax: 10 });
  await expect.poll(() => heard.flat()).toHaveLength(25);
  expect(Math.max(...heard.map(({ length }) => length))).toBeLessThanOrEqual(10);
});

test("an order without a movie and a rejection change nothing", async () => {
  const movie = await createMovie("Playtime");
  await publish(
    recorded("ord_1"),
    { ...recorded("ord_2"), id: "evt_2", type: "order.rejected", order: { id: "ord_2", reason: "No." } },
    recorded("ord_3", movie),
  );
  start();
  await expect.poll(times).toEqual([1]);
  expect(await admin`SELECT id FROM counted_events`).toEqual([{ id: "evt_ord_3_order.recorded" }]);
  expect(await readyIn(channel, EVENT_DEAD_LETTERS)).toBe(0);
});

test("events wait while the database is away, and do not become dead letters", async () => {
  const movie = await createMovie("Playtime");
  let failures = 5;
  start(async (events) => {
    if (failures-- > 0) throw new DomainError("unavailable", "The database does not answer.");
    await countPopularity(database)(events);
  });
  await publish(recorded("ord_1", movie), recorded("ord_2", movie));
  await expect.poll(times).toEqual([2]);
  expect(await readyIn(channel, EVENT_DEAD_LETTERS)).toBe(0);
});

test("a malformed message, and an event that the database refuses, become dead letters; their neighbours count", async () => {
  const movie = await createMovie("Playtime");
  const tooLarge = recorded("ord_2", Number.MAX_SAFE_INTEGER);
  channel.publish(ORDER_EVENTS, "order.recorded", Buffer.from("{"), { messageId: "odd" });
  await publish(recorded("ord_1", movie), tooLarge, recorded("ord_3", movie));
  const count = countPopularity(database);
  start(async (events) => {
    // Class 22 of PostgreSQL: it can never pass.
    if (events.some(({ id }) => id === tooLarge.id)) await database.run((db) => db.execute("SELECT 1 / 0"));
    await count(events);
  });
  await expect.poll(times).toEqual([2]);
  await expect.poll(() => readyIn(channel, EVENT_DEAD_LETTERS)).toBe(2);
});

test("a subscriber whose queue is deleted declares it again and goes on", async () => {
  const movie = await createMovie("Playtime");
  const subscriber = start();
  await expect.poll(subscriber.isConsuming).toBe(true);
  await channel.deleteQueue(QUEUE);
  await expect
    .poll(async () => {
      const look = await connection.createChannel();
      look.on("error", () => {});
      return look.checkQueue(QUEUE).then(
        ({ consumerCount }) => consumerCount,
        () => 0,
      );
    })
    .toBe(1);
  await publish(recorded("ord_1", movie));
  await expect.poll(times).toEqual([1]);
});

test("a subscriber that closes settles what it holds", async () => {
  const movie = await createMovie("Playtime");
  await publish(...Array.from({ length: 100 }, (_, number) => recorded(`ord_${number}`, movie)));
  const subscriber = start();
  await expect.poll(subscriber.isConsuming).toBe(true);
  await subscriber.close();
  const [counted = 0] = await times();
  // A quorum queue counts what was settled a moment later.
  await expect.poll(() => readyIn(channel, QUEUE)).toBe(100 - counted);
});
