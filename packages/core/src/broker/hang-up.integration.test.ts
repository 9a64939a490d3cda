import { randomUUID } from "node:crypto";
import { type ChannelModel, type ConfirmChannel, connect } from "amqplib";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { BILLING_QUEUE, declareTopology, orderProperties } from "../billing/index.ts";
import { amqpFrames } from "../testing/amqp-frames.ts";
import { type Ending, type MessageCutter, openMessageCutter } from "../testing/message-cutter.ts";
import { expectNoEscapes } from "../testing/no-escapes.ts";
import { countMessages, createPublisher, type Publisher, walkQueue } from "./index.ts";

/** 320 is CONNECTION_FORCED, sent by a broker that an operator stops; 541 is INTERNAL_ERROR. */
const ENDINGS: readonly Ending[] = ["fin", "rst", "320", "541"];
const amqpUrl = inject("amqpUrl");
const content = Buffer.from("{}");

const escaped = expectNoEscapes();

let connection: ChannelModel;
let channel: ConfirmChannel;
let cutter: MessageCutter;
let url: string;

beforeAll(async () => {
  connection = await connect(amqpUrl);
  channel = await connection.createConfirmChannel();
  await declareTopology(channel);
  cutter = await openMessageCutter(amqpUrl, amqpFrames);
  const { username, password } = new URL(amqpUrl);
  url = `amqp://${username}:${password}@localhost:${cutter.port}`;
});
afterAll(async () => {
  await cutter[Symbol.asyncDispose]();
  await connection.close();
});
beforeEach(() => channel.purgeQueue(BILLING_QUEUE));

/** Removes all messages from the queue and returns their ids. */
async function drain(): Promise<string[]> {
  const ids: string[] = [];
  const get = () => channel.get(BILLING_QUEUE, { noAck: true });
  for (let message = await get(); message; message = await get()) ids.push(message.properties.messageId);
  return ids;
}

/** Publishes like the bridge: all at once, with a separate result for each message. */
async function publishAll(publisher: Publisher, ids: readonly string[]): Promise<string[]> {
  const verdicts = await Promise.allSettled(
    ids.map((id) => publisher.publish("", BILLING_QUEUE, content, orderProperties({ id }))),
  );
  return ids.filter((_, index) => verdicts[index]?.status === "fulfilled");
}

const twoIds = () => [randomUUID(), randomUUID()];

/** Describes how the results and the queue differ; "" when they agree. */
function flawOf(accepted: readonly string[], failed: readonly string[], queued: readonly string[]): string {
  const copies = (id: string) => queued.filter((other) => other === id).length;
  if (accepted.some((id) => copies(id) !== 1)) return `${accepted} accepted, but ${queued} queued`;
  // It was sent twice, and the first copy may have arrived.
  if (failed.some((id) => copies(id) < 1 || copies(id) > 2)) return `${failed} failed, but ${queued} queued`;
  return "";
}

interface Scenario {
  name: string;
  /**
   * Does the work, repeats the parts that failed, and closes everything it opened. Returns a description of the flaw;
   * "" without one.
   */
  flaw(): Promise<string>;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "a publisher",
    async flaw() {
      const publisher = createPublisher(url, { name: "test", setup: declareTopology });
      const ids = twoIds();
      const accepted = await publishAll(publisher, ids);
      const failed = ids.filter((id) => !accepted.includes(id));
      const again = await publishAll(publisher, failed);
      await publisher.close();
      if (again.length < failed.length) return "failed after the cut as well";
      return flawOf(accepted, failed, await drain());
    },
  },
  {
    name: "a walk",
    async flaw() {
      const ids = twoIds();
      for (const messageId of ids) channel.sendToQueue(BILLING_QUEUE, content, { messageId });
      await channel.waitForConfirms();
      const walk = async (through: string) => {
        const seen: string[] = [];
        const options = { name: "test", heldMax: 10, isOver: () => false };
        await walkQueue(through, BILLING_QUEUE, options, async ({ properties: { messageId } }, takeOut) => {
          seen.push(messageId);
          if (messageId === ids[0]) takeOut();
        });
        return seen;
      };
      const isWhole = await walk(url).then(
        (seen) => `${seen}` === `${ids}`,
        () => true,
      );
      // The messages of a lost connection return to the queue when the broker notices the loss.
      await expect.poll(() => walk(amqpUrl), { interval: 2 }).toEqual([ids[1]]);
      return isWhole && `${await drain()}` === ids[1] ? "" : "did not walk through all";
    },
  },
  {
    name: "a count",
    async flaw() {
      const count = () => countMessages(url, [BILLING_QUEUE], { name: "test" });
      const [counted] = await count().catch(count);
      return counted?.ready === 0 ? "" : `counted ${counted?.ready}`;
    },
  },
];

const allGone = () => expect.poll(() => cutter.open, { interval: 2 }).toBe(0);

/** The flaws that appear when `interrupt` strikes at each frame of a work in turn. */
async function reportOf(
  flaw: () => Promise<string>,
  interrupt: (after: number) => void,
): Promise<Record<string, string[]>> {
  cutter.mend();
  expect(await flaw()).toBe("");
  await allGone();
  const frames = [...cutter.seen];
  expect(frames.length).toBeGreaterThan(10);
  const report: Record<string, string[]> = {};
  for (let after = 0; after <= frames.length; after++) {
    interrupt(after);
    const found = [await flaw()];
    await allGone();
    // The interrupted connection, the next one, and one more when the cut hit a connection that was closing.
    if (cutter.connections > 3) found.push(`${cutter.connections} connections`);
    if (escaped.length > 0) found.push(`escaped: ${escaped.splice(0).join(", ")}`);
    if (found.some((each) => each !== "")) report[`${after} ${frames[after - 1]}`] = found;
  }
  return report;
}

describe.each(SCENARIOS)("$name", ({ flaw }) => {
  test.each(ENDINGS)(
    "fails at most that work when its connection ends by %s at each frame in turn",
    async (by) => {
      expect(await reportOf(flaw, (after) => cutter.cut(after, by))).toEqual({});
    },
  );
});

test("a publisher closed at each frame in turn settles every message with its true result", async () => {
  let publisher: Publisher;
  let closing = Promise.resolve();
  const flaw = async () => {
    publisher = createPublisher(url, { name: "test", setup: declareTopology });
    const ids = twoIds();
    const accepted = await publishAll(publisher, ids);
    await Promise.all([closing, publisher.close()]);
    const queued = await drain();
    return accepted.every((id) => queued.includes(id)) ? "" : `${accepted} accepted, but ${queued} queued`;
  };
  const close = () => {
    closing = publisher.close();
  };
  expect(await reportOf(flaw, (after) => cutter.when(after, close))).toEqual({});
});
