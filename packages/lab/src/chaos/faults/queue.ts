import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { ATTEMPTS_MAX, BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import type { GetMessage } from "amqplib";
import { untilRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { messagesIn, withChannel } from "../queues.ts";
import { until } from "../until.ts";

/** How many messages wait before some of them are sent twice. */
const WAITING = 30;
const COPIED_OF_TEN = 3;
/** A user id of its own, so that no client of the load owns the order. */
const PADDED_USER = 7;
/** The user over whose orders mortal-billing.ts dies. */
const DEADLY_USER = 666;
const MORTAL_BILLING = join(
  import.meta.dirname,
  "../../../../containers/billing/src/testing/mortal-billing.ts",
);

/** Messages that are not orders, in bytes that only a foreign publisher can send. */
const BAD_BYTES: readonly Buffer[] = [
  Buffer.alloc(0),
  randomBytes(1_024),
  Buffer.from([0x22, 0xff, 0xfe, 0x22]),
  Buffer.from(JSON.stringify(wire(1)), "utf16le"),
];
/** Messages that are not orders, in text that SQS accepts as well. */
const BAD_TEXTS: readonly string[] = [
  "{",
  "null",
  "[]",
  "42",
  '"an order"',
  "{}",
  `[${JSON.stringify(wire(1))}]`,
  "[".repeat(50_000),
  JSON.stringify({ ...wire(1), user_id: null }),
  JSON.stringify({ ...wire(1), user_id: { $gt: 0 } }),
  JSON.stringify({ ...wire(1), number_of_items: true }),
  JSON.stringify({ ...wire(1), number_of_items: 1.5 }),
  JSON.stringify({ ...wire(1), number_of_items: -1 }),
  JSON.stringify({ ...wire(1), user_id: "9".repeat(4_000) }),
  JSON.stringify({ ...wire(1), user_id: Number.MAX_SAFE_INTEGER }),
  '{"user_id": 1, "number_of_items": 1, "total_amount": 1e400}',
  '{"user_id": 1e308, "number_of_items": 1, "total_amount": 1}',
];

/** Messages that come twice, cannot be read, are too large, or crash their consumer. */
export const QUEUE_FAULTS: readonly Fault[] = [
  {
    name: "queue-duplicates",
    hypothesis: "Orders whose messages are delivered twice and out of order are recorded once.",
    injection: "30 % of the messages in SQS and in billing_queue are sent again, the latter in random order",
    promises: ["R7"],
    isFast: true,
    async inject(lab) {
      await duplicateInBroker(lab);
      await duplicateInSqs(lab);
    },
  },
  {
    name: "queue-malformed",
    hypothesis:
      "A message that is not an order becomes a dead letter, once and with its reason, and delays no order.",
    injection:
      "malformed JSON, wrong types, binary, empty bodies and huge numbers in SQS and in billing_queue",
    promises: ["R5", "R7"],
    isFast: true,
    deadLetters: BAD_BYTES.length + 2 * BAD_TEXTS.length,
    async inject(lab) {
      const sent = [
        ...(await publishAll(lab, [...BAD_BYTES, ...BAD_TEXTS])),
        ...(await sendAll(lab, BAD_TEXTS)),
      ];
      await expectDeadLetters(lab, sent);
    },
  },
  {
    name: "queue-oversized",
    hypothesis:
      "A huge message is treated as any other: it is recorded if it is an order, and a dead letter if it is not.",
    injection:
      "16 MB of text and a padded order of 300 KB straight into billing_queue, and the largest message of SQS",
    promises: ["R5", "R7"],
    isFast: false,
    deadLetters: 2,
    inject: oversize,
  },
  {
    name: "queue-poison",
    hypothesis:
      "A message that crashes its consumer is rejected after three crashes, and no other message is rejected with it.",
    injection: "an order that crashes a stand-in for billing, which is started again each time",
    promises: ["R5", "R7"],
    isFast: false,
    deadLetters: 1,
    inject: poison,
  },
];

async function duplicateInBroker(lab: Lab): Promise<void> {
  await lab.ops("stop", "billing");
  try {
    await withChannel(lab, async (channel) => {
      const depth = () => readyIn(channel, BILLING_QUEUE);
      await until("orders wait for billing", async () => (await depth()) >= WAITING);
      const held: GetMessage[] = [];
      for (let left = await depth(); left > 0; left--) {
        const message = await channel.get(BILLING_QUEUE);
        if (message) held.push(message);
      }
      const copies = held.filter((_, index) => index % 10 < COPIED_OF_TEN);
      const shuffled = [...held, ...copies].map((message) => ({ message, at: Math.random() }));
      for (const { message } of shuffled.toSorted((a, b) => a.at - b.at))
        channel.publish("", BILLING_QUEUE, message.content, message.properties);
      await channel.waitForConfirms();
      channel.ackAll();
    });
  } finally {
    await lab.ops("start", "billing");
  }
}

async function duplicateInSqs(lab: Lab): Promise<void> {
  const { sqs, queues } = lab;
  await lab.ops("stop", "order-bridge");
  try {
    await until("orders wait in SQS", async () => (await messagesIn(sqs, queues.orders)) >= WAITING);
    const seen = new ReceiveMessageCommand({
      QueueUrl: queues.orders,
      MaxNumberOfMessages: COPIED_OF_TEN,
      MessageAttributeNames: ["All"],
      // Each becomes visible again soon, beside its copy.
      VisibilityTimeout: 1,
    });
    for (let copied = 0; copied < WAITING * (COPIED_OF_TEN / 10); ) {
      const { Messages: messages = [] } = await sqs.send(seen);
      for (const { Body: MessageBody, MessageAttributes } of messages)
        await sqs.send(new SendMessageCommand({ QueueUrl: queues.orders, MessageBody, MessageAttributes }));
      copied += messages.length;
    }
  } finally {
    await lab.ops("start", "order-bridge");
  }
}

async function oversize(lab: Lab): Promise<void> {
  const padded = JSON.stringify({ ...wire(PADDED_USER), padding: "x".repeat(300 * 1_024) });
  const [junk = ""] = await publishAll(lab, [Buffer.alloc(16 * 1_024 * 1_024, "x"), padded]);
  const sent = await sendAll(lab, ["x".repeat(1_024 * 1_024)]);
  await expectDeadLetters(lab, [junk, ...sent]);
  try {
    await until("the padded order is recorded", async () => {
      const rows = await lab.sql`SELECT 1 FROM orders WHERE user_id = ${PADDED_USER}`;
      return rows.length > 0;
    });
  } finally {
    await lab.sql`DELETE FROM orders WHERE user_id = ${PADDED_USER}`;
  }
}

async function poison(lab: Lab, load: Load): Promise<void> {
  const mortal = { deaths: 0, isOver: false, child: undefined as ChildProcess | undefined };
  await lab.ops("stop", "billing");
  const living = (async () => {
    const { ordersUrl: DATABASE_URL, broker } = lab;
    const env = { PATH: process.env.PATH, AMQP_URL: broker.url, DATABASE_URL, LOG_LEVEL: "silent" };
    while (!mortal.isOver) {
      mortal.child = spawn(process.execPath, [MORTAL_BILLING], { env, stdio: "ignore" });
      await once(mortal.child, "exit");
      if (!mortal.isOver) mortal.deaths += 1;
    }
  })();
  try {
    const sent = await publishAll(lab, [JSON.stringify(wire(DEADLY_USER))]);
    const [letter] = await expectDeadLetters(lab, sent);
    assert.match(reasonOf(letter), new RegExp(`broke off ${ATTEMPTS_MAX} times`));
    // One death among its neighbours, then the attempts alone.
    assert.equal(mortal.deaths, 1 + ATTEMPTS_MAX, `the consumer died ${mortal.deaths} times`);
    await untilRecorded(lab.sql, await load.order());
  } finally {
    mortal.isOver = true;
    mortal.child?.kill("SIGKILL");
    await living;
    await lab.ops("start", "billing");
  }
}

/** Publishes as a foreign client does; returns the message ids. */
async function publishAll(lab: Lab, contents: readonly (Buffer | string)[]): Promise<string[]> {
  return withChannel(lab, async (channel) => {
    const ids = contents.map((content) => {
      const messageId = randomUUID();
      channel.publish("", BILLING_QUEUE, Buffer.from(content), { messageId, persistent: true });
      return messageId;
    });
    await channel.waitForConfirms();
    return ids;
  });
}

/** Sends directly to SQS; returns the message ids, which the broker uses too. */
async function sendAll({ sqs, queues }: Lab, bodies: readonly string[]): Promise<string[]> {
  const sent = bodies.map((MessageBody) =>
    sqs.send(new SendMessageCommand({ QueueUrl: queues.orders, MessageBody })),
  );
  return (await Promise.all(sent)).map(({ MessageId = "" }) => MessageId);
}

/** Asserts that exactly these became dead letters, each once and with its reason. They stay where they are. */
async function expectDeadLetters(lab: Lab, messageIds: readonly string[]): Promise<GetMessage[]> {
  return withChannel(lab, async (channel) => {
    const letters: GetMessage[] = [];
    await until(`${messageIds.length} dead letters`, async () => {
      const letter = await channel.get(BILLING_DEAD_LETTERS);
      if (letter) letters.push(letter);
      return letters.length >= messageIds.length;
    });
    const ids = letters.map(({ properties }) => String(properties.messageId));
    assert.deepEqual(ids.toSorted(), messageIds.toSorted(), "a dead letter is not what was sent");
    for (const letter of letters) assert.match(reasonOf(letter), /^\S.*\.$/, "a dead letter has no reason");
    return letters;
  });
}

function reasonOf(letter: GetMessage | undefined): string {
  return String(letter?.properties.headers?.["x-reason"] ?? "");
}

function wire(userId: number) {
  return { user_id: userId, number_of_items: 1, total_amount: "1.00" };
}
