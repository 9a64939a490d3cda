import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as Billing from "@cloud-design/core/billing";
import { type Database, openDatabase } from "@cloud-design/core/database";
import { createLog } from "@cloud-design/core/log";
import { amqpFrames } from "@cloud-design/core/testing/amqp-frames";
import {
  type Ending,
  type MessageCutter,
  openMessageCutter,
} from "@cloud-design/core/testing/message-cutter";
import { expectNoEscapes } from "@cloud-design/core/testing/no-escapes";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Consumer, startConsumer } from "./consumer.ts";
import { createOrderRecorder } from "./order-recorder.ts";

/** 320 is CONNECTION_FORCED, sent by a broker that an operator stops. */
const ENDINGS: readonly Ending[] = ["fin", "rst", "320"];
/** Most connections per test, of which one is cut. */
const CONNECTIONS_MAX = 12;
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const issuer = { secret: "a secret of thirty-two characters", owner: "ann" };
const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 2, onnotice: () => {} });

const escaped = expectNoEscapes();

let connection: ChannelModel;
let channel: ConfirmChannel;
let database: Database;
let cutter: MessageCutter;
let amqpUrl: string;

async function open(): Promise<void> {
  connection = await connect(inject("amqpUrl"));
  channel = await connection.createConfirmChannel();
}

beforeAll(async () => {
  await open();
  await Billing.declareTopology(channel);
  await channel.purgeQueue(Billing.BILLING_QUEUE);
  await channel.purgeQueue(Billing.BILLING_DEAD_LETTERS);
  database = openDatabase({ url: inject("ordersUrl"), name: "test" });
  cutter = await openMessageCutter(inject("amqpUrl"), amqpFrames);
  const { username, password } = new URL(inject("amqpUrl"));
  amqpUrl = `amqp://${username}:${password}@localhost:${cutter.port}`;
});
afterAll(async () => {
  await cutter[Symbol.asyncDispose]();
  await connection.close();
  await database.close();
  await admin.end();
});

const start = () =>
  startConsumer({
    amqpUrl,
    createRecorder: (session) => createOrderRecorder({ database, ...session }),
    log: createLog("test"),
  });

interface Published {
  orders: string[];
  /** The id of a message that can never be recorded. */
  malformed: string;
}

async function publish(): Promise<Published> {
  const [malformed = "", ...orders] = Array.from({ length: 3 }, () => Billing.mintOrderId(order, issuer));
  const body = Buffer.from(JSON.stringify(Billing.toWire(order)));
  const send = (id: string, content: Buffer) =>
    channel.publish("", Billing.BILLING_QUEUE, content, Billing.orderProperties({ id, owner: issuer.owner }));
  for (const id of orders) send(id, body);
  send(malformed, Buffer.from("not json"));
  await channel.waitForConfirms();
  return { orders, malformed };
}

const letters = new Map<string, number>();
/** Removes the dead letters and adds them to the count. */
async function countLetters(): Promise<void> {
  const get = () => channel.get(Billing.BILLING_DEAD_LETTERS, { noAck: true });
  for (let letter = await get(); letter; letter = await get()) {
    const { messageId } = letter.properties;
    letters.set(messageId, (letters.get(messageId) ?? 0) + 1);
  }
}

/** Waits until each order has its row and the malformed message is dead-lettered. */
async function settled({ orders, malformed }: Published): Promise<void> {
  const rows = async () => (await admin`SELECT id FROM orders WHERE id IN ${admin(orders)}`).length;
  await expect.poll(rows, { interval: 5 }).toBe(orders.length);
  await expect.poll(() => countLetters().then(() => letters.has(malformed)), { interval: 5 }).toBe(true);
}

const eventually = { interval: 5, timeout: 60_000 };
const allGone = () => expect.poll(() => cutter.open, eventually).toBe(0);
/** Whether the queue is empty: no message is ready, held or being returned. */
async function isEmpty(): Promise<boolean> {
  const { messageCount, consumerCount } = await channel.checkQueue(Billing.BILLING_QUEUE);
  return messageCount === 0 && consumerCount === 0;
}

/** The frames of an undisturbed run: those while it works and those of its close. */
async function rehearse(): Promise<{ working: string[]; closing: string[] }> {
  cutter.mend();
  const published = await publish();
  const consumer = start();
  await settled(published);
  const isAcknowledged = () => consumer.held() === 0 && cutter.seen.at(-1) === "> basic.ack";
  await expect.poll(isAcknowledged, eventually).toBe(true);
  const working = [...cutter.seen];
  await consumer.close();
  await allGone();
  return { working, closing: cutter.seen.slice(working.length) };
}

/** Adds the findings of this step to the report, if there are any. */
function collect(report: Record<string, string[]>, at: string): void {
  const found = escaped.splice(0).map((error) => `escaped: ${error}`);
  if (cutter.connections > CONNECTIONS_MAX) found.push(`${cutter.connections} connections`);
  if (found.length > 0) report[at] = found;
}

test.each(ENDINGS)(
  "a connection that ends by %s at any frame loses no order, and later orders are recorded",
  async (by) => {
    const { working } = await rehearse();
    const report: Record<string, string[]> = {};
    for (let after = 0; after <= working.length; after++) {
      const published = await publish();
      cutter.cut(after, by);
      const consumer = start();
      await settled(published);
      await settled(await publish());
      await consumer.close();
      await allGone();
      collect(report, `${after} ${working[after - 1]}`);
    }
    expect(report).toEqual({});
    await expect.poll(isEmpty, eventually).toBe(true);
  },
);

test.each(ENDINGS)(
  "a connection that ends by %s at any frame of its close does not keep the service running",
  async (by) => {
    const { closing } = await rehearse();
    const report: Record<string, string[]> = {};
    for (let after = 1; after <= closing.length; after++) {
      cutter.mend();
      const published = await publish();
      const consumer = start();
      await settled(published);
      cutter.cut(after, by);
      await consumer.close();
      await allGone();
      collect(report, `${after} ${closing[after - 1]}`);
    }
    expect(report).toEqual({});
  },
);

test("a close at any frame ends, and the next consumer gets the rest", {
  timeout: 300_000,
}, async () => {
  const { working } = await rehearse();
  const report: Record<string, string[]> = {};
  const left: Published[] = [];
  for (let after = 0; after <= working.length; after++) {
    left.push(await publish());
    let consumer: Consumer | undefined;
    const closed = new Promise<void>((resolve, reject) => {
      cutter.when(after, () => void consumer?.close().then(resolve, reject));
    });
    consumer = start();
    await closed;
    await allGone();
    collect(report, `${after} ${working[after - 1]}`);
  }
  expect(report).toEqual({});
  cutter.mend();
  const next = start();
  for (const published of left) await settled(published);
  await next.close();
});

test("no order is lost when an operator closes all connections while orders arrive", async () => {
  cutter.mend();
  const consumer = start();
  const published: Published[] = [];
  for (let round = 0; round < 3; round++) {
    published.push(await publish());
    await connection.close();
    const { file, env } = inject("rabbitmqctl");
    await promisify(execFile)(file, ["close_all_connections", "maintenance"], { env });
    await open();
  }
  for (const each of published) await settled(each);
  expect(cutter.connections).toBeLessThanOrEqual(3 * CONNECTIONS_MAX);
  await consumer.close();
  await allGone();
});
