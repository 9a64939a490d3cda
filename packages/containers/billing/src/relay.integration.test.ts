import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as Billing from "@cloud-design/core/billing";
import { createPublisher, type Publisher, readyIn } from "@cloud-design/core/broker";
import { type Database, openDatabase } from "@cloud-design/core/database";
import { declareEvents, declareSubscriber, ORDER_EVENTS, parseEvent } from "@cloud-design/core/events";
import { createLog } from "@cloud-design/core/log";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Relay, startRelay } from "./relay.ts";

const QUEUE = "test.relay";
const amqpUrl = inject("amqpUrl");
const ordersUrl = inject("ordersUrl");
const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 2, onnotice: () => {} });
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00", owner: "ann" };
let connection: ChannelModel;
let channel: ConfirmChannel;
let database: Database;
let relays: Relay[];

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
  await admin`TRUNCATE orders, rejections, outbox`;
  database = openDatabase({ url: ordersUrl, name: "test" });
  relays = [];
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.close()));
  await channel.deleteQueue(QUEUE);
  await channel.close();
  await database.close();
});

const open = () => createPublisher(amqpUrl, { name: "test", setup: declareEvents });

function start(publisher: Publisher = open(), through = database, isBehind = false): Relay {
  const relay = startRelay({
    database: through,
    publisher,
    isBehind: () => isBehind,
    log: createLog("test"),
  });
  relays.push(relay);
  return relay;
}

/** Records orders in batches of ten; returns their ids. */
async function recordOrders(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, number) => `ord_${number}`);
  for (let from = 0; from < count; from += 10) {
    const batch = ids.slice(from, from + 10).map((id) => ({ ...order, id }));
    await database.run((db) => Billing.record(db, batch));
  }
  return ids.toSorted();
}

/** Takes all events out of the queue, and returns the ids of their orders, each as often as it arrived. */
async function heard(): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const message = await channel.get(QUEUE, { noAck: true });
    if (!message) return ids.toSorted();
    ids.push(parseEvent(message).order.id);
  }
}

const rows = async () => (await admin`SELECT id FROM outbox`).length;
const untilPublished = () => expect.poll(rows).toBe(0);

test("several relays publish every event once, while nothing fails", async () => {
  await declareSubscriber(channel, QUEUE);
  const ids = await recordOrders(500);
  for (let number = 0; number < 3; number++) start();
  await untilPublished();
  expect(await heard()).toEqual(ids);
});

test.each([
  ["while orders wait, one batch", true, 1],
  ["otherwise ten batches", false, 10],
])("takes the events of few orders at a time: %s", async (_, isBehind, taken) => {
  await declareSubscriber(channel, QUEUE);
  const ids = await recordOrders(110);
  const publisher = open();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  start(
    { ...publisher, publish: (...message) => released.then(() => publisher.publish(...message)) },
    database,
    isBehind,
  );
  const isTaken = () => admin`SELECT 1 FROM outbox WHERE attempts > 0`;
  await expect.poll(async () => (await isTaken()).length).toBe(taken);
  release();
  await untilPublished();
  expect(await heard()).toEqual(ids);
});

test("events without a subscriber stay in the outbox, and go out once there is one", async () => {
  await channel.deleteExchange("order_events_subscribers");
  const ids = await recordOrders(20);
  start();
  await expect.poll(() => admin`SELECT 1 FROM outbox WHERE attempts >= 3`).toHaveLength(2);
  expect(await rows()).toBe(2);
  await declareSubscriber(channel, QUEUE);
  await untilPublished();
  expect([...new Set(await heard())]).toEqual(ids);
});

test("while the exchange is deleted again and again, no event is lost", async () => {
  await declareSubscriber(channel, QUEUE);
  for (let number = 0; number < 3; number++) start();
  const ids = new Set<string>();
  for (let round = 0; round < 5; round++) {
    for (const id of await recordOrders(100)) ids.add(id);
    await channel.deleteExchange(ORDER_EVENTS);
    await untilPublished();
    await admin`TRUNCATE orders`;
  }
  const all = await heard();
  expect([...new Set(all)]).toEqual([...ids].toSorted());
  expect(all.length).toBeGreaterThanOrEqual(500);
});

test("events of a relay that is killed between the confirm and its note go out again", async () => {
  await declareSubscriber(channel, QUEUE);
  const ids = await recordOrders(50);
  const mortal = spawn(process.execPath, [join(import.meta.dirname, "testing/mortal-relay.ts")], {
    env: { ...process.env, DATABASE_URL: ordersUrl, AMQP_URL: amqpUrl, LOG_LEVEL: "silent" },
    stdio: "ignore",
  });
  expect(await once(mortal, "exit")).toEqual([null, "SIGKILL"]);
  await expect.poll(() => readyIn(channel, QUEUE)).toBe(50);
  expect(await rows()).toBe(5);
  // Its lease passes.
  await admin`UPDATE outbox SET due_at = due_at - interval '30 seconds'`;
  start();
  await untilPublished();
  expect(await heard()).toEqual([...ids, ...ids].toSorted());
});

test("an event that can never be sent holds up no other", async () => {
  await declareSubscriber(channel, QUEUE);
  const ids = await recordOrders(30);
  await admin`UPDATE orders SET owner = ${"x".repeat(200)} WHERE id = 'ord_7'`;
  const publisher = open();
  start({
    ...publisher,
    async publish(exchange, key, content, properties) {
      if (content.includes("x".repeat(200))) throw new Error("refused");
      await publisher.publish(exchange, key, content, properties);
    },
  });
  await expect.poll(rows).toBe(1);
  expect([...new Set(await heard())]).toEqual(ids.filter((id) => id !== "ord_7"));
});

test("a relay that closes publishes what is due first", async () => {
  await declareSubscriber(channel, QUEUE);
  const relay = start();
  await expect.poll(() => relay.age()).toBe(0);
  const ids = await recordOrders(300);
  await relay.close();
  expect(await heard()).toEqual(ids);
  expect(await rows()).toBe(0);
});
