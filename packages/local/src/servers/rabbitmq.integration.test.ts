import { statSync } from "node:fs";
import { join } from "node:path";
import { type ChannelModel, connect } from "amqplib";
import { expect, test } from "vitest";
import { freePort } from "./free-port.ts";
import { rabbitmqPart } from "./rabbitmq.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { isListening, killHard, processesOf, started, untilGone } from "./testing.ts";

const QUEUE = "a_queue";
// The first one may have to download the broker.
const TEST = { timeout: 300_000 };

async function broker() {
  const temporary = await temporaryDirectory();
  const [port, distributionPort, epmdPort] = [await freePort(), await freePort(), await freePort()];
  const credentials = { user: "a-user", password: "of-a-test" };
  const directory = join(temporary.path, "rabbitmq");
  const part = rabbitmqPart({ port, distributionPort, epmdPort, directory, ...credentials });
  const start = () => started(part, temporary.path);
  const using = async <T>(use: (connection: ChannelModel) => Promise<T>): Promise<T> => {
    const connection = await connect(`amqp://a-user:of-a-test@127.0.0.1:${port}`);
    return use(connection).finally(() => connection.close());
  };
  return { ...temporary, ports: [port, distributionPort, epmdPort], part, start, using };
}

async function declare(connection: ChannelModel): Promise<void> {
  const channel = await connection.createChannel();
  await channel.assertQueue(QUEUE, { durable: true, arguments: { "x-queue-type": "quorum" } });
}

async function publish(connection: ChannelModel): Promise<void> {
  const channel = await connection.createConfirmChannel();
  channel.sendToQueue(QUEUE, Buffer.from("an order"), { persistent: true });
  await channel.waitForConfirms();
}

async function receive(connection: ChannelModel): Promise<string | undefined> {
  const channel = await connection.createChannel();
  const message = await channel.get(QUEUE, { noAck: true });
  return message === false ? undefined : message.content.toString();
}

test("keeps a confirmed message when the broker is killed", TEST, async () => {
  await using node = await broker();
  {
    // A quorum queue that was declared a moment before the kill may be lost: an orderly stop settles it.
    await using _server = await node.start();
    await node.using(declare);
  }
  {
    await using server = await node.start();
    await node.using(publish);
    await killHard(server);
  }
  await using _again = await node.start();
  await expect.poll(() => node.using(receive)).toBe("an order");
});

test("listens on 127.0.0.1 only, and leaves no process and no port behind", TEST, async () => {
  await using node = await broker();
  await using server = await node.start();
  const processes = processesOf(server);
  for (const port of node.ports) {
    expect(await isListening("127.0.0.1", port)).toBe(true);
    expect(await isListening("127.0.0.2", port)).toBe(false);
  }
  expect(processes.length).toBeGreaterThan(1);
  // Started by root, it runs without root's rights.
  const owners = new Set(processes.map(({ pid }) => statSync(`/proc/${pid}`).uid));
  expect([...owners]).toEqual([process.getuid?.() || 65_534]);
  await server.stop();
  await untilGone(processes);
  for (const port of node.ports) expect(await isListening("127.0.0.1", port)).toBe(false);
});
