import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as Billing from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import { type Database, openDatabase } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import { createLog } from "@cloud-design/core/log";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { type Consumer, startConsumer } from "./consumer.ts";
import { createOrderRecorder } from "./order-recorder.ts";

const amqpUrl = inject("amqpUrl");
const ordersUrl = inject("ordersUrl");
const log = createLog("test");
const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 2, onnotice: () => {} });
const issuer = { secret: "a secret of thirty-two characters", owner: "ann" };
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };

let connection: ChannelModel;
let channel: ConfirmChannel;
let database: Database;
let consumer: Consumer | undefined;
/** The signals of the sessions, one for all lanes: a second one means that the first returned its messages. */
let sessions: Set<AbortSignal>;

beforeAll(async () => {
  connection = await connect(amqpUrl);
});
afterAll(async () => {
  await connection.close();
  await admin.end();
});

beforeEach(async () => {
  channel = await connection.createConfirmChannel();
  channel.on("error", () => {});
  await Billing.declareTopology(channel);
  for (const { queue } of Object.values(Billing.LANES)) await channel.purgeQueue(queue);
  await channel.purgeQueue(Billing.BILLING_DEAD_LETTERS);
  await admin`TRUNCATE orders, rejections, attempts`;
  database = openDatabase({ url: ordersUrl, name: "test" });
  sessions = new Set();
});
afterEach(async () => {
  await consumer?.close();
  consumer = undefined;
  await channel.close();
  await database.close();
});

async function start(through: Database = database, record = Billing.record): Promise<Consumer> {
  consumer = startConsumer({
    amqpUrl,
    createRecorder: (session) => {
      sessions.add(session.signal);
      return createOrderRecorder({ database: through, record, ...session });
    },
    log,
  });
  return consumer;
}

/** Publishes like the order bridge; returns the order's id. */
async function publish(fields: Partial<Billing.Order> = {}, idempotencyKey?: string): Promise<string> {
  return publishIn("standard", fields, idempotencyKey);
}

async function publishIn(
  lane: Billing.Lane,
  fields: Partial<Billing.Order>,
  idempotencyKey?: string,
): Promise<string> {
  const placed = { ...order, ...fields };
  const id = Billing.mintOrderId(placed, { ...issuer, idempotencyKey });
  await publishRaw(
    JSON.stringify(Billing.toWire(placed)),
    Billing.orderProperties({ id, owner: issuer.owner }),
    lane,
  );
  return id;
}

async function publishRaw(
  body: string | Buffer,
  properties = {},
  lane: Billing.Lane = "standard",
): Promise<void> {
  channel.publish("", Billing.LANES[lane].queue, Buffer.from(body), properties);
  await channel.waitForConfirms();
}

const rows = () => admin`SELECT * FROM orders ORDER BY recorded_at, id`;
const countOrders = async () => (await rows()).length;
const depth = (queue: string) => readyIn(channel, queue);
const waitFor = (condition: () => Promise<unknown>, timeout = 60_000) =>
  expect.poll(condition, { timeout, interval: 50 });

async function deadLetters(): Promise<{ reason: unknown; body: string; messageId: unknown }[]> {
  const letters = [];
  const get = () => channel.get(Billing.BILLING_DEAD_LETTERS, { noAck: true });
  for (let letter = await get(); letter; letter = await get()) {
    const { headers, messageId } = letter.properties;
    letters.push({ reason: headers?.["x-reason"], body: letter.content.toString(), messageId });
  }
  return letters;
}

test("records an order with the right types and empties the queue", async () => {
  const id = await publish({ totalAmount: "180.05" });
  await start();
  await waitFor(countOrders).toBe(1);
  expect((await rows())[0]).toMatchObject({
    id,
    user_id: 3,
    number_of_items: 5,
    total_amount: "180.05",
    owner: "ann",
  });
  await waitFor(() => depth(Billing.BILLING_QUEUE)).toBe(0);
});

test("a batch is never refused by a busy database, and waits for its turn", async () => {
  const released = Promise.withResolvers<void>();
  const busy = openDatabase({ url: ordersUrl, name: "test", waitSeconds: 60 });
  const { signal } = new AbortController();
  const asked: Promise<unknown>[] = [];
  const isRefused = async () => {
    const asking = busy.run(async () => released.promise, { signal });
    asked.push(asking.catch(() => {}));
    return Promise.race([asking.catch(() => true), new Promise((resolve) => setImmediate(resolve, false))]);
  };
  try {
    while (!(await isRefused()));
    const recorded = vi.fn(Billing.record);
    await start(busy, recorded);
    const warned = vi.spyOn(log, "warn");
    await publish();
    await waitFor(async () => consumer?.held()).toBe(1);
    expect(await isRefused()).toBe(true);
    expect(await countOrders()).toBe(0);
    released.resolve();
    await waitFor(countOrders).toBe(1);
    expect(warned).not.toHaveBeenCalled();
    expect(recorded).toHaveBeenCalledOnce();
  } finally {
    released.resolve();
    await consumer?.close();
    await busy.close();
  }
});

test("records an order once when its message arrives three times", async () => {
  const id = Billing.mintOrderId(order, issuer);
  const body = JSON.stringify(Billing.toWire(order));
  for (let copy = 0; copy < 3; copy++) await publishRaw(body, Billing.orderProperties({ id, owner: "ann" }));
  await start();
  const marker = await publish();
  await waitFor(async () => (await rows()).map((row) => row.id).sort()).toEqual([id, marker].sort());
  expect(await deadLetters()).toEqual([]);
});

test("records a bare message of a foreign client, which has no properties at all", async () => {
  await start();
  await publishRaw('{"user_id": "22", "number_of_items": "10", "total_amount": "50"}');
  await waitFor(countOrders).toBe(1);
  expect((await rows())[0]).toMatchObject({
    user_id: 22,
    number_of_items: 10,
    total_amount: "50.00",
    owner: null,
  });
});

test("records a foreign message that has an id once, and never under this platform's ids", async () => {
  const body = '{"user_id": "22", "number_of_items": "10", "total_amount": "50"}';
  await publishRaw(body, { messageId: "invoice-7" });
  await publishRaw(body, { messageId: "invoice-7" });
  await start();
  const marker = await publish();
  await waitFor(async () => (await rows()).some((row) => row.id === marker)).toBe(true);
  const foreign = (await rows()).filter((row) => row.id !== marker);
  expect(foreign).toHaveLength(1);
  expect(foreign[0]?.id).toMatch(/^ext_/);
});

test.each([
  ["no JSON", "not json", /not JSON/],
  ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), /not JSON in UTF-8/],
  ["an empty body", "", /not JSON/],
  ["a list", "[]", /not an order/],
  ["a missing field", '{"user_id": 1}', /number_of_items/],
  [
    "an amount with three decimals",
    '{"user_id": 1, "number_of_items": 1, "total_amount": "1.005"}',
    /total_amount/,
  ],
  [
    "a count beyond its column",
    '{"user_id": 1, "number_of_items": 2147483648, "total_amount": "1"}',
    /number_of_items/,
  ],
])("dead-letters %s unchanged, with its reason, and goes on", async (_, body, reason) => {
  await start();
  await publishRaw(body, { expiration: "60000" });
  await publish();
  await waitFor(countOrders).toBe(1);
  await waitFor(() => depth(Billing.BILLING_DEAD_LETTERS)).toBe(1);
  const [letter] = await deadLetters();
  expect(letter?.reason).toMatch(reason);
  expect(letter?.body).toBe(body.toString());
});

test("two equal messages without an id become dead letters with different ids, so that both can be replayed", async () => {
  await publishRaw("not json");
  await publishRaw("not json");
  await start();
  await waitFor(() => depth(Billing.BILLING_DEAD_LETTERS)).toBe(2);
  const ids = (await deadLetters()).map(({ messageId }) => messageId);
  expect(ids).toEqual([expect.stringMatching(/^[\w-]{40}$/), expect.stringMatching(/^[\w-]{40}$/)]);
  expect(ids[0]).not.toBe(ids[1]);
});

test("a second order under a used idempotency key is rejected with a reason its owner can read", async () => {
  const first = await publish({}, "checkout-1");
  const second = await publish({ numberOfItems: 6 }, "checkout-1");
  await start();
  await waitFor(() => depth(Billing.BILLING_DEAD_LETTERS)).toBe(1);
  expect((await rows()).map((row) => row.id)).toEqual([first]);
  const status = await database.run((db) => Billing.fromId(db, second, "ann"));
  expect(status).toMatchObject({ status: "rejected", reason: expect.stringContaining("Idempotency-Key") });
});

test("during an outage of the database no message is returned to the queue or dead-lettered", async () => {
  let refusals = 0;
  const failing: Database = {
    ...database,
    run: (verb) => {
      if (refusals++ < 25) return Promise.reject(new DomainError("unavailable", "down"));
      return database.run(verb);
    },
  };
  // The test is about retries in place; their real pauses would take minutes.
  const random = Math.random;
  Math.random = () => 0;
  try {
    for (let index = 0; index < 10; index++) await publish();
    await start(failing);
    await waitFor(countOrders).toBe(10);
  } finally {
    Math.random = random;
  }
  expect(sessions.size).toBe(1);
  expect(await deadLetters()).toEqual([]);
});

test("an order held by dozens of dying processes while the database was away is recorded, not dead-lettered", async () => {
  const id = await publish();
  for (let death = 0; death < 30; death++) {
    const mortal = await connect(amqpUrl);
    const held = await mortal.createChannel();
    await new Promise((taken) => held.consume(Billing.BILLING_QUEUE, taken));
    await mortal.close();
  }
  await start();
  await waitFor(async () => (await rows()).map((row) => row.id)).toEqual([id]);
  expect(await deadLetters()).toEqual([]);
});

test("a stop does not wait for an absent database: held messages return to the queue", async () => {
  await publish();
  const away: Database = { ...database, run: () => Promise.reject(new DomainError("unavailable", "down")) };
  const running = await start(away);
  await waitFor(() => depth(Billing.BILLING_QUEUE)).toBe(0);
  // The queue is empty before the message has arrived.
  await waitFor(async () => running.held()).toBe(1);
  await running.close();
  consumer = undefined;
  await waitFor(() => depth(Billing.BILLING_QUEUE)).toBe(1);
  // It has returned to the queue and counts there.
  expect(running.held()).toBe(0);
});

test("a malformed header does not keep a good order from being recorded", async () => {
  const body = JSON.stringify(Billing.toWire(order));
  await publishRaw(body, { headers: { accepted_at: "0000-01-01T00:00:00Z", owner: 7, traceparent: "a\0b" } });
  await start();
  await waitFor(countOrders).toBe(1);
});

test("acknowledges only after the order is stored", async () => {
  let release: () => void = () => {};
  const written = new Promise<void>((resolve) => {
    release = resolve;
  });
  await publish();
  const running = await start(database, async (db, orders) => {
    await written;
    return Billing.record(db, orders);
  });
  await waitFor(() => depth(Billing.BILLING_QUEUE)).toBe(0);
  // Only the process itself can report that it holds the message.
  await waitFor(async () => running.held()).toBe(1);
  // Not acknowledged: after this connection is cut, a second one gets the message.
  expect(await countOrders()).toBe(0);
  release();
  await waitFor(countOrders).toBe(1);
  await waitFor(async () => running.held()).toBe(0);
});

test("a row that the database refuses does not affect the others of its batch", async () => {
  const [good, , better] = [await publish(), await publish({ userId: 13 }), await publish()];
  await start(database, (db, orders) =>
    Billing.record(
      db,
      orders.map((placed) => (placed.userId === 13 ? { ...placed, totalAmount: "not money" } : placed)),
    ),
  );
  await waitFor(async () => (await rows()).map((row) => row.id).sort()).toEqual([good, better].sort());
  await waitFor(() => depth(Billing.BILLING_DEAD_LETTERS)).toBe(1);
  expect((await deadLetters())[0]?.reason).toBe("The database refuses its values.");
});

test("a frozen broker is noticed by missed heartbeats, and orders flow again once it continues", async () => {
  const running = await start();
  await waitFor(async () => running.isConsuming()).toBe(true);
  process.kill(inject("rabbitmqPid"), "SIGSTOP");
  try {
    await waitFor(async () => running.isConsuming(), 50_000).toBe(false);
  } finally {
    process.kill(inject("rabbitmqPid"), "SIGCONT");
  }
  connection = await connect(amqpUrl);
  channel = await connection.createConfirmChannel();
  await publish();
  await waitFor(countOrders).toBe(1);
});

test("a message that crashes the process is rejected after three crashes, and the other orders are recorded", async () => {
  const neighbours = [];
  for (let index = 0; index < 5; index++) neighbours.push(await publish());
  const deadly = await publish({ userId: 666 });
  for (let index = 0; index < 5; index++) neighbours.push(await publish());

  let deaths = 0;
  for (let isOver = false; !isOver; ) {
    const billing = spawn(process.execPath, [join(import.meta.dirname, "testing/mortal-billing.ts")], {
      env: { PATH: process.env.PATH, AMQP_URL: amqpUrl, DATABASE_URL: ordersUrl, LOG_LEVEL: "silent" },
      stdio: "inherit",
    });
    const died = once(billing, "exit").then(() => "died" as const);
    const rejected = waitFor(() => depth(Billing.BILLING_DEAD_LETTERS), 30_000)
      .toBe(1)
      .then(() => "rejected" as const);
    isOver = (await Promise.race([died, rejected])) === "rejected";
    if (!isOver) {
      deaths++;
      rejected.catch(() => {});
      expect(deaths).toBeLessThanOrEqual(4);
      continue;
    }
    await waitFor(countOrders).toBe(neighbours.length);
    billing.kill("SIGTERM");
    await died;
  }

  // Once with its batch, then alone for as many attempts as are allowed.
  expect(deaths).toBe(1 + Billing.ATTEMPTS_MAX);
  expect((await rows()).map((row) => row.id).sort()).toEqual(neighbours.sort());
  const [letter, ...others] = await deadLetters();
  expect(others).toEqual([]);
  expect(letter?.messageId).toBe(deadly);
  const status = await database.run((db) => Billing.fromId(db, deadly, "ann"));
  expect(status).toMatchObject({ status: "rejected" });
});

test("closing during work neither loses nor duplicates an order: the next consumer gets the rest", async () => {
  const running = await start();
  const ids = [];
  for (let index = 0; index < 50; index++) ids.push(await publish());
  await running.close();
  await start();
  await waitFor(async () => (await rows()).map((row) => row.id).sort()).toEqual(ids.sort());
  // An acknowledgement right before a close may not reach the queue: the message comes again, and its row exists already.
  await waitFor(() => depth(Billing.BILLING_QUEUE)).toBe(0);
  expect(await deadLetters()).toEqual([]);
});

/** Two lanes' orders, of which those of one wait at the database until they are released. */
async function holdLane(held: Billing.Lane) {
  const userIds = { standard: 3, priority: 7 };
  const released = Promise.withResolvers<void>();
  const place = async (lane: Billing.Lane, count: number) => {
    for (let index = 0; index < count; index++) await publishIn(lane, { userId: userIds[lane] });
  };
  const record: typeof Billing.record = async (db, orders) => {
    if (orders.some(({ userId }) => userId === userIds[held])) await released.promise;
    return Billing.record(db, orders);
  };
  const recorded = async () => (await rows()).map(({ user_id }) => user_id);
  return { userIds, place, record, recorded, release: released.resolve };
}

test("premium orders overtake the standard ones that wait before them", async () => {
  const { userIds, place, record, recorded, release } = await holdLane("standard");
  await place("standard", 2 * Billing.LANES.standard.prefetch);
  const running = await start(database, record);
  await waitFor(async () => running.held()).toBe(Billing.LANES.standard.prefetch);
  await place("priority", 50);
  await waitFor(recorded).toEqual(Array(50).fill(userIds.priority));
  release();
  await waitFor(countOrders).toBe(2 * Billing.LANES.standard.prefetch + 50);
  expect((await recorded()).slice(0, 50)).toEqual(Array(50).fill(userIds.priority));
});

test("premium orders, however many, take nothing from the prefetch of the standard ones", async () => {
  const { userIds, place, record, recorded, release } = await holdLane("priority");
  await place("priority", 2 * Billing.LANES.priority.prefetch);
  const running = await start(database, record);
  await waitFor(async () => running.held()).toBe(Billing.LANES.priority.prefetch);
  await place("standard", 50);
  await waitFor(recorded).toEqual(Array(50).fill(userIds.standard));
  release();
  await waitFor(countOrders).toBe(2 * Billing.LANES.priority.prefetch + 50);
});

test.each(Billing.LANE_NAMES)("a dead letter of the %s lane keeps the name of its queue", async (lane) => {
  await publishRaw("no order", {}, lane);
  await start();
  await waitFor(() => depth(Billing.BILLING_DEAD_LETTERS)).toBe(1);
  const letter = await channel.get(Billing.BILLING_DEAD_LETTERS, { noAck: true });
  expect(letter && Billing.laneOfQueue(letter.fields.routingKey)).toBe(lane);
});

test.each(Billing.LANE_NAMES)(
  "goes on in both lanes after an operator deletes the queue of the %s one",
  async (lane) => {
    const running = await start();
    await waitFor(async () => running.isConsuming()).toBe(true);
    await channel.deleteQueue(Billing.LANES[lane].queue);
    await waitFor(async () => {
      await publishIn("standard", { userId: 3 });
      await publishIn("priority", { userId: 7 });
      return [...new Set((await rows()).map(({ user_id }) => user_id))].sort();
    }).toEqual([3, 7]);
    await waitFor(async () => [running.isConsuming(), running.held(), running.progress()]).toEqual([
      true,
      0,
      "up",
    ]);
  },
);
