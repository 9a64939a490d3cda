import { isUtf8 } from "node:buffer";
import * as Billing from "@cloud-design/core/billing";
import { createPublisher, type Publisher, walkQueue } from "@cloud-design/core/broker";
import { type Database, openDatabase } from "@cloud-design/core/database";
import { createLog } from "@cloud-design/core/log";
import { field, long, nested, oddProperties, short } from "@cloud-design/core/testing/odd-properties";
import { openRawBroker, type RawBroker } from "@cloud-design/core/testing/raw-broker";
import { type Channel, type ChannelModel, connect, type GetMessage } from "amqplib";
import fc from "fast-check";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Consumer, startConsumer } from "./consumer.ts";
import { createOrderRecorder } from "./order-recorder.ts";

const amqpUrl = inject("amqpUrl");
const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 2, onnotice: () => {} });
const order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const body = JSON.stringify(Billing.toWire(order));

let connection: ChannelModel;
let channel: Channel;
let raw: RawBroker;
let publisher: Publisher;
let database: Database;
let consumer: Consumer;
/** The signals of the sessions, one for all lanes: a second one means that billing lost a connection because of a message. */
let sessions: Set<AbortSignal>;

beforeAll(async () => {
  connection = await connect(amqpUrl);
  channel = await connection.createChannel();
  publisher = createPublisher(amqpUrl, { name: "test", setup: Billing.declareTopology });
});
afterAll(async () => {
  await publisher.close();
  await connection.close();
  await admin.end();
});
beforeEach(async () => {
  await Billing.declareTopology(channel);
  await channel.purgeQueue(Billing.BILLING_QUEUE);
  await channel.purgeQueue(Billing.BILLING_DEAD_LETTERS);
  await admin`TRUNCATE orders, rejections, attempts`;
  database = openDatabase({ url: inject("ordersUrl"), name: "test" });
  raw = await openRawBroker(amqpUrl);
  sessions = new Set();
  consumer = startConsumer({
    amqpUrl,
    createRecorder: (session) => {
      sessions.add(session.signal);
      return createOrderRecorder({ database, ...session });
    },
    log: createLog("test"),
  });
});
afterEach(async () => {
  raw.close();
  await consumer.close();
  await database.close();
});

/** Publishes raw properties; resolves with whether the broker accepts them. */
async function publishRaw(properties: Buffer, content: string): Promise<boolean> {
  const said = await raw.publish(Billing.BILLING_QUEUE, properties, Buffer.from(content));
  if (said === "confirmed") return true;
  raw.close();
  raw = await openRawBroker(amqpUrl);
  return false;
}

/** Checks that the next order is recorded over the same connection. */
async function expectFlow(): Promise<void> {
  const id = Billing.mintOrderId(order, { secret: "a secret of thirty-two characters", owner: "ann" });
  await publisher.publish("", Billing.BILLING_QUEUE, Buffer.from(body), Billing.orderProperties({ id }));
  await expect
    .poll(async () => (await admin`SELECT 1 FROM orders WHERE id = ${id}`).length, { interval: 20 })
    .toBe(1);
  expect(sessions.size).toBe(1);
}

/** The dead letters, each returned once. */
async function deadLetters(): Promise<GetMessage[]> {
  const letters: GetMessage[] = [];
  const options = { name: "test", heldMax: 1_000, isOver: () => false };
  await walkQueue(amqpUrl, Billing.BILLING_DEAD_LETTERS, options, async (letter, takeOut) => {
    letters.push(letter);
    takeOut();
  });
  return letters;
}

async function theDeadLetter(): Promise<GetMessage> {
  const letters: GetMessage[] = [];
  const count = async () => letters.push(...(await deadLetters()));
  await expect.poll(count).toBe(1);
  return letters[0] as GetMessage;
}

/** Properties with headers and a message id. */
const withId = (fields: Buffer) => Buffer.concat([Buffer.from([0x20, 0x80]), long(fields), short("odd-1")]);
/**
 * The header of the reason: billing's, the broker's for an expired message, and the replacement for headers that cannot
 * be read.
 */
const REASONS = ["x-reason", "x-death", "x-left-out"];

test.each([
  [
    "a header that amqplib can read but not send",
    field("stack", "S", long("x".repeat(65_400))),
    'header "stack"',
  ],
  [
    "a header name that is too long in UTF-8",
    field(Buffer.alloc(255, 0xe9), "V", Buffer.alloc(0)),
    'header "\uFFFD',
  ],
  ["an integer beyond a double", field("n", "l", Buffer.from("7fffffffffffffff", "hex")), 'header "n"'],
  ["the largest timestamp", field("t", "T", Buffer.alloc(8, 0xff)), 'header "t"'],
  [
    "a table in amqplib's own notation for a type",
    field("f", "F", long(field("!", "S", long("secret")))),
    'header "f"',
  ],
  ["addresses", field("CC", "A", long(Buffer.concat([Buffer.from("S"), long("elsewhere")]))), 'header "CC"'],
  ["lists too deep to be read", nested("A", 6_000), "all headers"],
  ["tables too deep to be read", nested("F", 6_000), "all headers"],
  ["tables too deep to be sent", nested("F", 1_500), 'header "deep"'],
])(
  "a message with %s is dead-lettered with reason, id and body, and names what was left out",
  async (_, fields, lost) => {
    expect(await publishRaw(withId(fields), "{}")).toBe(true);
    await expectFlow();
    const { content, properties } = await theDeadLetter();
    expect(content.toString()).toBe("{}");
    expect(properties.messageId).toBe("odd-1");
    expect(properties.headers?.["x-reason"]).toContain("not an order");
    expect(properties.headers?.["x-left-out"]).toContain(lost);
  },
);

test("sendable headers are kept, this project's own first", async () => {
  const text = (name: string, length: number) => field(name, "S", long("x".repeat(length)));
  await publishRaw(withId(Buffer.concat([text("a", 30_000), text("b", 30_000), text("owner", 10)])), "{}");
  const { headers } = (await theDeadLetter()).properties;
  expect(headers).toMatchObject({ owner: "x".repeat(10), "x-left-out": 'header "b"' });
  expect(headers?.a).toHaveLength(30_000);
});

test("orders whose ids differ only in bytes that are not UTF-8 are both recorded", async () => {
  const other = JSON.stringify(Billing.toWire({ ...order, userId: 4 }));
  for (const [byte, content] of [
    ["\xe8", body],
    ["\xe9", other],
    ["\xe9", other],
  ] as const)
    await publishRaw(Buffer.concat([Buffer.from([0, 0x80]), short(Buffer.from(byte, "latin1"))]), content);
  await expectFlow();
  await expect.poll(() => channel.checkQueue(Billing.BILLING_QUEUE)).toMatchObject({ messageCount: 0 });
  expect(await admin`SELECT user_id FROM orders WHERE id LIKE 'ext%' ORDER BY user_id`).toMatchObject([
    { user_id: 3 },
    { user_id: 4 },
  ]);
});

test("no message stops the consumer, whatever its properties", async () => {
  let number = 0;
  const message = fc.record({ properties: oddProperties, isOrder: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 5 }), async (messages) => {
      await admin`TRUNCATE orders`;
      const expected: { content: string; messageId: string | undefined; isOrder: boolean }[] = [];
      for (const { properties, isOrder } of messages) {
        const content = JSON.stringify({ ...(isOrder && Billing.toWire(order)), number: number++ });
        if (!(await publishRaw(properties.bytes, content))) continue;
        const { messageId } = properties;
        const isText =
          messageId && messageId.length > 0 && isUtf8(messageId) && !messageId.includes("\uFFFD");
        expected.push({ content, isOrder, messageId: isText ? messageId.toString() : undefined });
      }
      await expectFlow();
      await expect
        .poll(async () => ({ ...(await channel.checkQueue(Billing.BILLING_QUEUE)), held: consumer.held() }))
        .toMatchObject({ messageCount: 0, held: 0 });
      const letters = await deadLetters();
      const recorded = await admin`SELECT 1 FROM orders WHERE id LIKE 'ext%'`;
      let rows = 0;
      for (const { content, messageId, isOrder } of expected) {
        const same = letters.filter((letter) => letter.content.toString() === content);
        // A message that reached the dead letters by its own addresses has no reason.
        const laidAside = same.find(({ properties: { headers } }) =>
          REASONS.some((name) => headers?.[name] !== undefined),
        );
        if (isOrder && !laidAside) rows++;
        else expect(laidAside).toBeDefined();
        if (messageId !== undefined)
          for (const { properties } of same) expect(properties.messageId).toBe(messageId);
      }
      // Two orders with equal ids make one row.
      expect(recorded.length).toBeLessThanOrEqual(rows);
      expect(recorded.length).toBeGreaterThanOrEqual(Math.min(1, rows));
      expect(sessions.size).toBe(1);
    }),
    { numRuns: 60, endOnFailure: true, seed: 20_261_130 },
  );
});
