import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { LANES } from "@cloud-design/core/billing/lanes";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { readyIn } from "@cloud-design/core/broker";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { type Channel, type ChannelModel, connect } from "amqplib";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";
import { ops, platform, SOON } from "./client.ts";

const { databases, broker, queues } = platform;

export const moviesDatabase = postgres(databases.movies.adminUrl, { max: 2, onnotice: () => {} });
export const ordersDatabase = postgres(databases.orders.adminUrl, { max: 2, onnotice: () => {} });
export const sqs = new SQSClient({
  region: "eu-west-3",
  endpoint: new URL(queues.orders).origin,
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

afterAll(async () => {
  await Promise.all([moviesDatabase.end(), ordersDatabase.end()]);
  sqs.destroy();
});

/** Ends the imports that other tests have only announced: an owner may have few open ones. */
export async function endImports(): Promise<void> {
  await moviesDatabase`UPDATE imports SET ended_at = now() WHERE ended_at IS NULL`;
}

export async function withChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
  const connection = await connect(broker.url);
  try {
    const channel = await connection.createChannel();
    const result = await work(channel);
    // Unlike the connection's close, this one sends the published messages first.
    await channel.close();
    return result;
  } finally {
    await connection.close();
  }
}

/** Publishes like a foreign client, which knows only the name of the queue. */
export async function publishForeign(body: unknown, properties: { messageId?: string } = {}): Promise<void> {
  await withChannel(async (channel) => {
    const content = typeof body === "string" ? body : JSON.stringify(body);
    channel.sendToQueue(BILLING_QUEUE, Buffer.from(content), properties);
  });
}

export async function queueAttributes(queueUrl: string): Promise<Partial<Record<string, string>>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["All"] });
  return (await sqs.send(command)).Attributes ?? {};
}

export async function orderRow(id: string): Promise<postgres.Row | undefined> {
  const [row] = await ordersDatabase`SELECT * FROM orders WHERE id = ${id}`;
  return row;
}

/** Puts a movie into the store without the API. Resolves with its id. */
export async function insertMovie(): Promise<number> {
  const [movie] =
    await moviesDatabase`INSERT INTO movies (title, description) VALUES ('Here', '') RETURNING id`;
  return Number(movie?.id);
}

export async function ordersOfUser(userId: number): Promise<postgres.Row[]> {
  return [...(await ordersDatabase`SELECT * FROM orders WHERE user_id = ${userId}`)];
}

/** A `user_id` that no other order has. */
export function newUserId(): number {
  return 1_000_000 + Math.floor(Math.random() * 2_000_000_000);
}

/** Resolves once every order accepted before is recorded or rejected: a message behind the last one has arrived. */
export async function untilSettled(): Promise<void> {
  await vi.waitFor(async () => expect(await messagesIn(queues.orders)).toBe(0), SOON);
  const userId = newUserId();
  await publishForeign({ user_id: userId, number_of_items: 1, total_amount: 1 });
  await vi.waitFor(async () => expect(await ordersOfUser(userId)).toHaveLength(1), SOON);
}

export async function untilRecorded(id: string): Promise<void> {
  await expect.poll(() => orderRow(id), SOON).toBeDefined();
}

/** All data that the platform keeps: while the order bridge is stopped, every accepted request changes it. */
export async function ledger(channel: Channel): Promise<object> {
  const [[movies], [orders], deadLetters, refused, ...lanes] = await Promise.all([
    moviesDatabase`
      SELECT (SELECT md5(string_agg(m::text, ',' ORDER BY id)) FROM movies m) AS movies,
             (SELECT count(*) FROM movie_requests) AS requests, (SELECT count(*) FROM webhooks) AS webhooks`,
    ordersDatabase`
      SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM rejections) AS rejections`,
    messagesIn(queues.deadLetters),
    readyIn(channel, BILLING_DEAD_LETTERS),
    ...Object.values(queues.lanes).map(messagesIn),
    ...Object.values(LANES).map(({ queue }) => readyIn(channel, queue)),
  ]);
  return { ...movies, ...orders, deadLetters, refused, lanes };
}

/** Every test of this block must leave all data unchanged. */
export function leavesNoTrace(): void {
  let connection: ChannelModel;
  let channel: Channel;
  let before: object;
  beforeAll(async () => {
    await untilSettled();
    await ops("stop", "order-bridge");
    connection = await connect(broker.url);
    channel = await connection.createChannel();
    before = await ledger(channel);
  });
  afterEach(async () => {
    const earlier = before;
    before = await ledger(channel);
    expect(before).toEqual(earlier);
  });
  afterAll(async () => {
    await connection?.close();
    await ops("start", "order-bridge");
  });
}

/** Messages in any state. */
async function messagesIn(queueUrl: string): Promise<number> {
  const { visible, inFlight, delayed } = await queueDepth(sqs, queueUrl);
  return visible + inFlight + delayed;
}
