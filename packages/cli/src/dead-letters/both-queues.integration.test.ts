import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  BILLING_DEAD_LETTERS,
  BILLING_QUEUE,
  declareTopology,
  LANE_NAMES,
  LANES,
  type Lane,
  mintOrderId,
  type Order,
  orderProperties,
  toWire,
} from "@cloud-design/core/billing";
import { field, headersOf, long, nested } from "@cloud-design/core/testing/odd-properties";
import { openRawBroker } from "@cloud-design/core/testing/raw-broker";
import {
  type BothQueues,
  type Entry,
  openBothQueues,
} from "@cloud-design/functions/dead-letters/both-queues";
import {
  ChangeAnswer,
  type DeadLettersRequest,
  ListAnswer,
  type Selection,
  ShowAnswer,
} from "@cloud-design/functions/dead-letters/protocol";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { type Sqs, startSqs } from "@cloud-design/local/stand-ins/sqs/server";
import { type ChannelModel, type ConfirmChannel, connect, type Options } from "amqplib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";

const order: Order = { userId: 3, numberOfItems: 5, totalAmount: "180.00" };
const body = JSON.stringify(toWire(order));
const newId = () => mintOrderId(order, { secret: "a secret of thirty-two characters", owner: "ann" });
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const RUN = "4f6e3a1e-6c0c-4a50-8a3c-0d7c2a0a0001";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let connection: ChannelModel;
let channel: ConfirmChannel;
let sqs: Sqs;
let client: SQSClient;
let queues: BothQueues;
let recorded: Entry[];

beforeAll(async () => {
  connection = await connect(inject("amqpUrl"));
  channel = await connection.createConfirmChannel();
  await declareTopology(channel);
});
afterAll(async () => {
  await connection.close();
});
beforeEach(async () => {
  directory = await temporaryDirectory();
  for (const queue of [...Object.values(LANES).map((lane) => lane.queue), BILLING_DEAD_LETTERS])
    await channel.purgeQueue(queue);
  sqs = await startSqs({ port: 0, region: "eu-west-3", stateDirectory: directory.path, receivesMax: 9 });
  const sdk = {
    region: "eu-west-3",
    endpoint: new URL(sqs.ordersUrls.standard).origin,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  client = new SQSClient(sdk);
  recorded = [];
  queues = openBothQueues(
    {
      AMQP_URL: inject("amqpUrl"),
      ORDERS_QUEUE_URLS: sqs.ordersUrls,
      ORDERS_DEAD_LETTERS_URL: sqs.deadLettersUrl,
    },
    sdk,
  );
});
afterEach(async () => {
  await queues.close();
  client.destroy();
  await sqs.stop();
  await directory[Symbol.asyncDispose]();
});

const ask = (request: DeadLettersRequest) => queues.ask(request, (entry) => recorded.push(entry));
const list = async (queue: "orders" | "billing") => ListAnswer.parse(await ask({ action: "list", queue }));
const show = async (queue: "orders" | "billing", id: string) =>
  ShowAnswer.parse(await ask({ action: "show", queue, id })).letters;
const replay = async (queue: "orders" | "billing", select: Selection, run = RUN, ratePerSecond = 1_000) =>
  ChangeAnswer.parse(
    await ask({ action: "replay", queue, select, by: "ann", why: "mended", run, ratePerSecond }),
  );
const drop = async (queue: "orders" | "billing", select: Selection) =>
  ChangeAnswer.parse(await ask({ action: "drop", queue, select, by: "ann", why: "no order" }));

const replayAll = (queue: "orders" | "billing"): DeadLettersRequest => ({
  action: "replay",
  queue,
  select: { all: true },
  by: "ann",
  why: "mended",
  run: crypto.randomUUID(),
  ratePerSecond: 1_000,
});
/** Ends a replay at the worst moment: the message is sent, but its dead letter is still there. */
const breakOff = () => {
  throw new Error("killed");
};

/** Moves a message to the dead letters, as billing does. */
async function layAside(content: string, properties: Options.Publish, queue = ""): Promise<void> {
  channel.publish(BILLING_DEAD_LETTERS, queue, Buffer.from(content), properties);
  await channel.waitForConfirms();
}

async function drain(queue: string) {
  const messages = [];
  const get = () => channel.get(queue, { noAck: true });
  for (let message = await get(); message; message = await get()) messages.push(message);
  return messages;
}

async function sendDead(content: string, attributes: Record<string, string>): Promise<void> {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
  );
  await client.send(
    new SendMessageCommand({ QueueUrl: sqs.deadLettersUrl, MessageBody: content, MessageAttributes }),
  );
}

/** The visible messages of a queue at this moment. */
async function drainSqs(QueueUrl: string) {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
  );
  return Messages;
}

describe("an odd dead letter of billing does not block the others:", () => {
  const textField = (name: string, text: string) => field(name, "S", long(text));
  const seconds = field("time", "T", Buffer.alloc(8, 0xff));
  const death = Buffer.concat([
    Buffer.from("F"),
    long(Buffer.concat([textField("reason", "expired"), seconds])),
  ]);
  const address = (queue: string) => long(Buffer.concat([Buffer.from("S"), long(queue)]));

  /** A message as it gets there if RabbitMQ itself gave it up, or if a caller published it there. */
  async function layAsideRaw(...fields: Buffer[]): Promise<void> {
    const raw = await openRawBroker(inject("amqpUrl"));
    expect(await raw.publish(BILLING_DEAD_LETTERS, headersOf(...fields), Buffer.from(body))).toBe(
      "confirmed",
    );
    raw.close();
  }

  test.each([
    ["headers that can be read but not sent", textField("stack", "x".repeat(65_400))],
    ["headers too deep to be read", nested("A", 6_000)],
    ["a time outside the range of dates", field("x-death", "A", long(death))],
    ["a cause of 60,000 characters", textField("x-reason", "x".repeat(60_000))],
    ["a CC header that names the dead letters", field("CC", "A", address(BILLING_DEAD_LETTERS))],
  ])("%s", async (_, fields) => {
    await layAside("before", { messageId: "before" });
    await layAsideRaw(fields);
    await layAside("after", { messageId: "after" });
    const { letters } = await list("billing");
    expect(letters.map(({ id }) => id)).toEqual(["before", expect.any(String), "after"]);
    for (const { cause } of letters) expect(cause.length).toBeLessThanOrEqual(500);
    const [, odd] = letters;
    const id = odd?.id ?? "";
    expect(await show("billing", id)).toMatchObject([{ id, body }]);
    expect((await drop("billing", { ids: ["before"] })).done).toEqual(["before"]);
    expect((await replay("billing", { all: true })).done).toEqual([id, "after"]);
    const sent = await drain(BILLING_QUEUE);
    expect(sent.map(({ properties }) => properties.messageId)).toEqual([id, "after"]);
    expect((await list("billing")).letters).toEqual([]);
  });
});

describe.each(LANE_NAMES)("a dead letter of the lane %s goes back to it", (lane) => {
  const drained = async () => {
    const found = [];
    for (const name of LANE_NAMES)
      for (const { properties } of await drain(LANES[name].queue)) found.push([name, properties.messageId]);
    return found;
  };

  test("after billing has rejected it", async () => {
    await layAside("{}", { messageId: "one" }, LANES[lane].queue);
    expect((await list("billing")).letters).toMatchObject([{ id: "one", lane }]);
    await replay("billing", { all: true });
    expect(await drained()).toEqual([[lane, "one"]]);
  });

  test("after RabbitMQ itself has given it up", async () => {
    channel.publish("", LANES[lane].queue, Buffer.from("{}"), { messageId: "one" });
    await channel.waitForConfirms();
    const message = await channel.get(LANES[lane].queue);
    if (message) channel.nack(message, false, false);
    await expect.poll(async () => (await list("billing")).letters).toMatchObject([{ id: "one", lane }]);
    await replay("billing", { all: true });
    expect(await drained()).toEqual([[lane, "one"]]);
  });
});

describe("the dead letters of billing", () => {
  const bad = { messageId: "invoice-7", headers: { "x-reason": "The message is not an order." } };

  test("are listed with cause, time and delivery count, and stay in their queue", async () => {
    const id = newId();
    await layAside(body, {
      ...orderProperties({ id, owner: "ann", traceparent: TRACEPARENT }),
      headers: {
        "x-reason": "The database refuses its values.",
        "x-rejected-at": "2026-11-26T08:00:00.000Z",
      },
    });
    await layAside("no order", bad);
    for (const deliveries of [1, 2]) {
      expect(await list("billing")).toMatchObject({
        looked: 2,
        total: 2,
        letters: [
          {
            id,
            orderId: id,
            cause: "The database refuses its values.",
            since: "2026-11-26T08:00:00.000Z",
            deliveries,
          },
          {
            id: "invoice-7",
            orderId: expect.stringMatching(/^ext_/),
            cause: "The message is not an order.",
            deliveries,
          },
        ],
      });
    }
    expect((await drain(BILLING_DEAD_LETTERS)).map(({ content }) => String(content))).toEqual([
      body,
      "no order",
    ]);
    expect(recorded).toEqual([]);
  });

  test("are shown with body, owner and trace, even if the body is not text", async () => {
    const id = newId();
    await layAside(body, orderProperties({ id, owner: "ann", traceparent: TRACEPARENT }));
    channel.publish(BILLING_DEAD_LETTERS, "", Buffer.from([0xff, 0x00]), { messageId: "bytes" });
    await channel.waitForConfirms();
    expect(await show("billing", id)).toMatchObject([
      { body, bodyEncoding: "utf8", owner: "ann", traceparent: TRACEPARENT, replays: 0, isDroppable: false },
    ]);
    expect(await show("billing", "bytes")).toMatchObject([{ body: "/wA=", bodyEncoding: "base64" }]);
    expect(await show("billing", "nothing")).toEqual([]);
  });

  test("are shown up to 256 KB, cut between characters, and replayed whole", async () => {
    const long = `x${"é".repeat(200_000)}`;
    await layAside(long, { messageId: "long" });
    expect(await show("billing", "long")).toEqual([
      expect.objectContaining({ body: long.slice(0, 131_072), bodyBytes: 400_001, bodyEncoding: "utf8" }),
    ]);
    await replay("billing", { ids: ["long"] });
    expect((await drain(BILLING_QUEUE)).map(({ content }) => content.toString() === long)).toEqual([true]);
  });

  test("go back to billing with the same id and trace, and with the operator's name and reason", async () => {
    const id = newId();
    const { headers, ...properties } = orderProperties({ id, owner: "ann", traceparent: TRACEPARENT });
    await layAside(body, { ...properties, headers: { ...headers, "x-reason": "Broke off." } });
    expect(await replay("billing", { ids: [id] })).toMatchObject({ done: [id], isComplete: true });
    const [message] = await drain(BILLING_QUEUE);
    expect(message?.content.toString()).toBe(body);
    expect(message?.properties).toMatchObject({ messageId: id, deliveryMode: 2 });
    expect(message?.properties.headers).toEqual({
      owner: "ann",
      traceparent: TRACEPARENT,
      published_at: expect.stringMatching(/^\d{4}-/),
      // These are the headers of the new message: the dead letter's own count and reason are not copied.
      "x-delivery-count": 0,
      "x-replays": 1,
      "x-replay-run": RUN,
      "x-replayed-by": "ann",
      "x-replayed-at": expect.stringMatching(/^\d{4}-/),
      "x-replay-why": "mended",
    });
    expect(await drain(BILLING_DEAD_LETTERS)).toEqual([]);
    expect(recorded).toEqual([
      {
        action: "replay",
        queue: "billing",
        message_id: id,
        order_id: id,
        cause: "Broke off.",
        by: "ann",
        why: "mended",
      },
    ]);
  });

  test("that come back during a run are sent again by the next run, not by this one", async () => {
    const back = {
      ...bad,
      headers: { ...bad.headers, "x-replays": 1, "x-replay-run": RUN, "x-replayed-by": "ann" },
    };
    await layAside("no order", back);
    await layAside("no order", { ...bad, messageId: "invoice-8" });
    expect((await replay("billing", { all: true })).done).toEqual(["invoice-8"]);
    expect(await show("billing", "invoice-7")).toMatchObject([
      { replays: 1, lastReplay: { run: RUN, by: "ann" } },
    ]);
    expect((await replay("billing", { all: true }, crypto.randomUUID())).done).toEqual(["invoice-7"]);
  });

  test("without an id each get their own, the same in every replay", async () => {
    const bare = {
      headers: {
        "x-death": [{ reason: "delivery_limit", time: { "!": "timestamp", value: 1_700_000_000 } }],
      },
    };
    await layAside(body, bare);
    await layAside(body, { headers: {} });
    const { letters } = await list("billing");
    expect(letters[0]).toMatchObject({
      cause: "RabbitMQ gave it up: delivery_limit.",
      since: "2023-11-14T22:13:20.000Z",
    });
    expect(new Set(letters.map(({ id }) => id)).size).toBe(2);
    await replay("billing", { all: true });
    await layAside(body, bare);
    await replay("billing", { all: true });
    const ids = (await drain(BILLING_QUEUE)).map(({ properties }) => properties.messageId);
    expect(ids).toEqual([...letters, ...letters].slice(0, 3).map(({ id }) => id));
  });

  test("one that was sent but not acknowledged when its replay ended stays and is sent again with the same id", async () => {
    await layAside(body, {});
    await expect(queues.ask(replayAll("billing"), breakOff)).rejects.toThrow("killed");
    await replay("billing", { all: true });
    const ids = (await drain(BILLING_QUEUE)).map(({ properties }) => properties.messageId);
    expect(ids).toEqual([expect.stringMatching(/^[\w-]{40}$/), ids[0]]);
    expect(await drain(BILLING_DEAD_LETTERS)).toEqual([]);
  });

  test("stay if billing's queue refuses them", async () => {
    await layAside("no order", bad);
    await channel.deleteQueue(BILLING_QUEUE);
    await channel.assertQueue(BILLING_QUEUE, {
      durable: true,
      arguments: { "x-max-length": 0, "x-overflow": "reject-publish" },
    });
    try {
      await expect(replay("billing", { all: true })).rejects.toThrow(
        /^RabbitMQ does not answer as it should: /,
      );
    } finally {
      await channel.deleteQueue(BILLING_QUEUE);
      await declareTopology(channel);
    }
    expect(recorded).toEqual([]);
    expect((await list("billing")).letters).toHaveLength(1);
  });

  test("are dropped by cause, but never the last trace of an order", async () => {
    const [rejected, unknown] = [newId(), newId()];
    await layAside(body, {
      ...orderProperties({ id: rejected }),
      headers: { "x-reason": "Its values are refused." },
    });
    await layAside(body, orderProperties({ id: unknown }));
    await layAside("no order", bad);
    expect(await drop("billing", { cause: "NOT AN order" })).toMatchObject({
      done: ["invoice-7"],
      refused: [],
    });
    expect(await drop("billing", { ids: [unknown, rejected] })).toMatchObject({
      done: [rejected],
      refused: [unknown],
    });
    expect(recorded.map(({ action, message_id }) => `${action} ${message_id}`)).toEqual([
      "drop invoice-7",
      `drop ${rejected}`,
    ]);
    expect((await drain(BILLING_DEAD_LETTERS)).map(({ properties }) => properties.messageId)).toEqual([
      unknown,
    ]);
  });

  test("are replayed at the given rate, and a long request reports its progress", async () => {
    for (let index = 0; index < 5; index++)
      await layAside("no order", { ...bad, messageId: `letter-${index}` });
    const first = await replay("billing", { all: true }, RUN, 1);
    expect(first.isComplete).toBe(false);
    expect(first.done.length).toBeLessThan(5);
    const second = await replay("billing", { all: true });
    expect(second.isComplete).toBe(true);
    expect([...first.done, ...second.done]).toEqual([0, 1, 2, 3, 4].map((index) => `letter-${index}`));
  });
});

describe("the dead letters of SQS", () => {
  test("are listed and shown, and all become visible again", async () => {
    const id = newId();
    await sendDead(body, { order_id: id, owner: "ann", traceparent: TRACEPARENT });
    expect(await list("orders")).toMatchObject({
      looked: 1,
      total: 1,
      letters: [{ id, orderId: id, cause: "RabbitMQ did not take it in 1,000 attempts.", deliveries: 1 }],
    });
    expect(await show("orders", id)).toMatchObject([
      { body, owner: "ann", traceparent: TRACEPARENT, deliveries: 2 },
    ]);
  });

  test("go back to `orders` under their order id, or under a stable new one", async () => {
    const id = newId();
    await sendDead(body, {
      order_id: id,
      owner: "ann",
      traceparent: TRACEPARENT,
      accepted_at: "2026-11-26T08:00:00Z",
    });
    await sendDead("{}", {});
    const { letters } = await list("orders");
    expect((await replay("orders", { all: true })).isComplete).toBe(true);
    expect((await list("orders")).letters).toEqual([]);
    const sent = (await drainSqs(sqs.ordersUrls.standard)).map(({ Body, MessageAttributes }) => [
      Body,
      Object.fromEntries(
        Object.entries(MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
      ),
    ]);
    const stamp = { "x-replays": "1", "x-replay-run": RUN, "x-replayed-by": "ann", "x-replay-why": "mended" };
    const foreign = letters.find((letter) => letter.id !== id)?.id;
    expect(foreign).toMatch(/^[\w-]{36}$/);
    expect(sent).toEqual(
      expect.arrayContaining([
        [body, expect.objectContaining({ ...stamp, order_id: id, owner: "ann", traceparent: TRACEPARENT })],
        ["{}", expect.objectContaining({ ...stamp, order_id: foreign })],
      ]),
    );
  });

  test.each(LANE_NAMES)("go back to the lane %s when they came from it", async (lane) => {
    const id = newId();
    await sendDead(body, { order_id: id, lane });
    expect((await list("orders")).letters).toMatchObject([{ id, lane }]);
    await replay("orders", { all: true });
    const inLane = async (of: Lane) =>
      (await drainSqs(sqs.ordersUrls[of])).map(({ MessageAttributes: sent }) => [
        sent?.order_id?.StringValue,
        sent?.lane?.StringValue,
      ]);
    for (const other of LANE_NAMES) expect(await inLane(other)).toEqual(other === lane ? [[id, lane]] : []);
  });

  test("an accepted order is never dropped there; a foreign message is", async () => {
    const id = newId();
    await sendDead(body, { order_id: id });
    await sendDead("{}", {});
    const answer = await drop("orders", { cause: "did not take" });
    expect(answer).toMatchObject({ refused: [id], done: [expect.stringMatching(/^[\w-]{36}$/)] });
    expect((await list("orders")).letters.map((letter) => letter.id)).toEqual([id]);
  });

  test("one that was sent but not deleted when its replay ended stays and is sent again under the same order id", async () => {
    await sendDead("{}", {});
    await expect(queues.ask(replayAll("orders"), breakOff)).rejects.toThrow("killed");
    await replay("orders", { all: true });
    const ids = (await drainSqs(sqs.ordersUrls.standard)).map(
      ({ MessageAttributes }) => MessageAttributes?.order_id?.StringValue,
    );
    expect(ids).toEqual([expect.stringMatching(/^[\w-]{36}$/), ids[0]]);
  });
});

test("the function answers the requests of the command line, and refuses any other input", async () => {
  vi.stubEnv("AMQP_URL", inject("amqpUrl"));
  vi.stubEnv("ORDERS_QUEUE_URLS", JSON.stringify(sqs.ordersUrls));
  vi.stubEnv("ORDERS_DEAD_LETTERS_URL", sqs.deadLettersUrl);
  vi.stubEnv("AWS_REGION", "eu-west-3");
  const { handler } = await import("@cloud-design/functions/dead-letters");
  vi.unstubAllEnvs();
  await layAside("no order", { messageId: "invoice-7" });
  const context = { awsRequestId: "request" };
  expect(await handler({ action: "list", queue: "billing" }, context)).toMatchObject({
    letters: [{ id: "invoice-7" }],
  });
  const all = { action: "drop", queue: "billing", select: { all: true }, by: "ann", why: "tidy" };
  await expect(handler(all, context)).rejects.toThrow("must name letters or a cause");
});
