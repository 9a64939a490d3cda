import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { promisify } from "node:util";
import { type ChannelModel, connect } from "amqplib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from "vitest";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE, declareTopology, orderProperties } from "../billing/index.ts";
import { countMessages, createPublisher, keepConnected, type Publisher, walkQueue } from "./index.ts";

const amqpUrl = inject("amqpUrl");
const content = Buffer.from("{}");
const properties = (id: string) => orderProperties({ id });
let connection: ChannelModel;
let publisher: Publisher;

beforeAll(async () => {
  connection = await connect(amqpUrl);
});
afterAll(() => connection.close());
beforeEach(async () => {
  const channel = await connection.createChannel();
  await declareTopology(channel);
  await channel.purgeQueue(BILLING_QUEUE);
  await channel.close();
  publisher = createPublisher(amqpUrl, { name: "test", setup: declareTopology, confirmSeconds: 3 });
});
afterEach(() => publisher.close());

async function rabbitmqctl(...args: string[]): Promise<void> {
  const { file, env } = inject("rabbitmqctl");
  await promisify(execFile)(file, args, { env });
}

/** A proxy to the broker that counts connections. */
async function countingFront() {
  let accepted = 0;
  const { hostname, port, username, password } = new URL(amqpUrl);
  const front = createServer((client) => {
    accepted++;
    const broker = createConnection({ host: hostname, port: Number(port) });
    for (const socket of [client, broker]) socket.on("error", () => {});
    client.pipe(broker).pipe(client);
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  const url = `amqp://${username}:${password}@127.0.0.1:${(front.address() as AddressInfo).port}`;
  return { url, accepted: () => accepted, close: () => front.close() };
}

/** Removes all messages from the queue and returns their ids. */
async function drain(queue: string): Promise<string[]> {
  const channel = await connection.createChannel();
  const ids: string[] = [];
  for (
    let message = await channel.get(queue, { noAck: true });
    message;
    message = await channel.get(queue, { noAck: true })
  ) {
    ids.push(message.properties.messageId);
  }
  await channel.close();
  return ids;
}

test("publish to a queue that does not exist rejects, although the broker confirms the message", async () => {
  await expect(publisher.publish("", "no_such_queue", content, properties("a"))).rejects.toThrow(
    "No queue takes messages",
  );
  await publisher.publish("", BILLING_QUEUE, content, properties("b"));
  expect(await drain(BILLING_QUEUE)).toEqual(["b"]);
});

test("an unroutable message in a batch fails and the others succeed", async () => {
  const queues = [BILLING_QUEUE, "no_such_queue", BILLING_QUEUE];
  const results = await Promise.allSettled(
    queues.map((queue, index) => publisher.publish("", queue, content, properties(String(index)))),
  );
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("after the broker has closed the channel, the next message uses a new channel", async () => {
  await expect(publisher.publish("no_such_exchange", "", content, properties("a"))).rejects.toThrow();
  await publisher.publish("", BILLING_QUEUE, content, properties("b"));
  expect(await drain(BILLING_QUEUE)).toEqual(["b"]);
});

test.each([
  [0, 2],
  [60, 1],
])("with an idle limit of %i s, two messages use %i connections", async (idleSecondsMax, connections) => {
  const counting = await countingFront();
  const idle = createPublisher(counting.url, { name: "test", setup: declareTopology, idleSecondsMax });
  await idle.publish("", BILLING_QUEUE, content, properties("a"));
  await idle.publish("", BILLING_QUEUE, content, properties("b"));
  expect(counting.accepted()).toBe(connections);
  await idle.close();
  counting.close();
});

const IDLE_SECONDS = 15;
const HOUR = 3_600_000;
test.each([
  ["set back by an hour while it was unused for 15 s", -HOUR, IDLE_SECONDS, 2],
  ["set back by an hour while it was in use", -HOUR, 1, 1],
  ["right, and the process was frozen for an hour", HOUR, 0, 2],
])(
  "when the clock was %s, two messages use the right number of connections",
  async (_, setMs, passedSeconds, connections) => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const counting = await countingFront();
    const idle = createPublisher(counting.url, { name: "test", setup: declareTopology });
    try {
      await idle.publish("", BILLING_QUEUE, content, properties("a"));
      vi.setSystemTime(Date.now() + setMs);
      vi.advanceTimersByTime(passedSeconds * 1_000);
      await idle.publish("", BILLING_QUEUE, content, properties("b"));
      expect(counting.accepted()).toBe(connections);
    } finally {
      vi.useRealTimers();
      await idle.close();
      counting.close();
    }
  },
);

test("publish rejects after the connect time-out when the broker accepts connections and sends nothing", async () => {
  const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const url = `amqp://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  // The deadline is longer than the connect time-out of 5 s, so that the time-out ends the attempt.
  const lost = createPublisher(url, { name: "test", setup: declareTopology, confirmSeconds: 30 });
  await expect(lost.publish("", BILLING_QUEUE, content, properties("a"))).rejects.not.toThrow(
    "did not answer within 30 s",
  );
  silent.close();
});

test("publish to a frozen broker rejects after its own time-out and works again once the broker continues", async () => {
  await publisher.publish("", BILLING_QUEUE, content, properties("before"));
  const broker = inject("rabbitmqPid");
  process.kill(broker, "SIGSTOP");
  try {
    await expect(publisher.publish("", BILLING_QUEUE, content, properties("frozen"))).rejects.toThrow(
      "did not answer within 3 s",
    );
  } finally {
    process.kill(broker, "SIGCONT");
  }
  await publisher.publish("", BILLING_QUEUE, content, properties("after"));
  // The publish during the freeze was reported as failed, but the message arrived: consumers must tolerate duplicates.
  expect(await drain(BILLING_QUEUE)).toEqual(expect.arrayContaining(["before", "after"]));
});

test("a message is refused during a memory alarm and accepted after it", async () => {
  await rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1");
  try {
    await expect(publisher.publish("", BILLING_QUEUE, content, properties("first"))).rejects.toThrow(
      "did not answer within 3 s",
    );
    const publish = () => publisher.publish("", BILLING_QUEUE, content, properties("again"));
    await expect(publish()).rejects.toThrow();
  } finally {
    await rabbitmqctl("set_vm_memory_high_watermark", "absolute", "512MB");
  }
  await expect.poll(() => publisher.publish("", BILLING_QUEUE, content, properties("later"))).toBeUndefined();
});

test.each([
  ["x-queue-type", "classic"],
  ["x-delivery-limit", 20],
  ["x-dead-letter-exchange", "elsewhere"],
  ["x-dead-letter-strategy", "at-most-once"],
  ["x-overflow", "drop-head"],
  ["x-max-length", 1],
])("the broker refuses a declaration with %s set to another value", async (argument, value) => {
  const right = {
    "x-queue-type": "quorum",
    "x-delivery-limit": 10_000,
    "x-dead-letter-exchange": BILLING_DEAD_LETTERS,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    "x-max-length": 100_000,
  };
  const declare = async (queueArguments: object) => {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    await channel.assertQueue(BILLING_QUEUE, { durable: true, arguments: queueArguments });
    await channel.close();
  };
  await expect(declare(right)).resolves.toBeUndefined();
  await expect(declare({ ...right, [argument]: value })).rejects.toThrow("PRECONDITION_FAILED");
});

test("counts the waiting messages of a queue without removing them", async () => {
  const count = () => countMessages(amqpUrl, [BILLING_QUEUE], { name: "test" });
  expect(await count()).toEqual([{ ready: 0, consumers: 0 }]);
  for (const id of ["a", "b"]) await publisher.publish("", BILLING_QUEUE, content, properties(id));
  expect(await count()).toEqual([{ ready: 2, consumers: 0 }]);
  expect(await drain(BILLING_QUEUE)).toEqual(["a", "b"]);
});

test("counting rejects for a queue that does not exist", async () => {
  await expect(countMessages(amqpUrl, [BILLING_QUEUE, "no_such_queue"], { name: "test" })).rejects.toThrow(
    "no_such_queue",
  );
});

test("counting rejects when the broker does not answer", async () => {
  const silent = createServer(() => {});
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const { port } = silent.address() as AddressInfo;
  await expect(
    countMessages(`amqp://127.0.0.1:${port}`, [BILLING_QUEUE], { name: "test" }),
  ).rejects.toThrow();
  silent.close();
});

test("a walk shows messages in order, removes the chosen ones and returns the others to their places", async () => {
  for (const id of ["a", "b", "c", "d"]) await publisher.publish("", BILLING_QUEUE, content, properties(id));
  const walk = (taken: string) => {
    const seen: string[] = [];
    const options = { name: "test", heldMax: 3, isOver: () => false };
    const walked = walkQueue(
      amqpUrl,
      BILLING_QUEUE,
      options,
      async ({ properties: { messageId } }, takeOut) => {
        seen.push(messageId);
        if (messageId === taken) takeOut();
      },
    );
    return walked.then((counts) => ({ ...counts, seen }));
  };
  expect(await walk("b")).toEqual({ looked: 4, total: 4, seen: ["a", "b", "c", "d"] });
  expect(await drain(BILLING_QUEUE)).toEqual(["a", "c", "d"]);
  for (const id of ["a", "b", "c", "d"]) await publisher.publish("", BILLING_QUEUE, content, properties(id));
  expect(await walk("none")).toEqual({ looked: 3, total: 4, seen: ["a", "b", "c"] });
  expect(await walk("none")).toEqual({ looked: 3, total: 4, seen: ["a", "b", "c"] });
  expect(await drain(BILLING_QUEUE)).toEqual(["a", "b", "c", "d"]);
});

test("a walk that fails returns all messages to the queue at once", async () => {
  for (const id of ["a", "b"]) await publisher.publish("", BILLING_QUEUE, content, properties(id));
  const options = { name: "test", heldMax: 10, isOver: () => false };
  const failing = walkQueue(amqpUrl, BILLING_QUEUE, options, async ({ properties: { messageId } }) => {
    if (messageId === "b") throw new Error("cannot go on");
  });
  await expect(failing).rejects.toThrow("cannot go on");
  expect(await drain(BILLING_QUEUE)).toEqual(["a", "b"]);
});

test("a walk leaves messages that arrive meanwhile to the next walk", async () => {
  await publisher.publish("", BILLING_QUEUE, content, properties("a"));
  const options = { name: "test", heldMax: 10, isOver: () => false };
  const seen: string[] = [];
  await walkQueue(amqpUrl, BILLING_QUEUE, options, async ({ properties: { messageId } }, takeOut) => {
    seen.push(messageId);
    takeOut();
    if (seen.length < 5) await publisher.publish("", BILLING_QUEUE, content, properties("again"));
  });
  expect(seen).toEqual(["a"]);
  expect(await drain(BILLING_QUEUE)).toEqual(["again"]);
});

test("pauses grow while the broker hangs up right after each set-up", async () => {
  const longest = vi.spyOn(Math, "random").mockReturnValue(1);
  const begun: number[] = [];
  const kept = keepConnected(amqpUrl, {
    name: "test",
    async setup(connection) {
      begun.push(performance.now());
      setImmediate(() => void connection.close());
    },
    onFailure() {},
  });
  await expect.poll(() => begun.length).toBeGreaterThanOrEqual(5);
  await kept.close();
  longest.mockRestore();
  // Pauses of 100, 200, 400 and 800 ms. A timer may be late, or early by at most a millisecond.
  const pauses = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
  for (const [index, least] of [100, 200, 400, 800].entries())
    expect(pauses[index]).toBeGreaterThanOrEqual(least - 2);
});
