import type { Channel } from "amqplib";
import { withDeadline } from "../retry.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";

/** A healthy broker answers within milliseconds; a frozen one would otherwise be noticed only after two missed heartbeats. */
const COUNT_SECONDS = 5;

export interface QueueCounts {
  /** Messages in the queue that are not delivered to a consumer. */
  ready: number;
  /** Consumers that hold further messages unacknowledged; only they can say how many. */
  consumers: number;
}

/**
 * Counts the messages of each queue that wait for a consumer. Rejects when the broker does not answer within 5 s, or
 * when a queue does not exist.
 */
export async function countMessages(
  url: string,
  queues: readonly string[],
  options: ConnectOptions,
): Promise<QueueCounts[]> {
  const opening = openConnection(url, options);
  try {
    const count = opening.then(async (connection) => {
      const channel = await connection.createChannel();
      // Without a listener the error for an unknown queue would end the process.
      channel.on("error", () => {});
      return Promise.all(queues.map((queue) => countsIn(channel, queue)));
    });
    return await withDeadline(count, COUNT_SECONDS, "RabbitMQ");
  } finally {
    void opening.then((connection) => connection.close()).catch(() => {});
  }
}

/** The number of messages that wait for a consumer. For an unknown queue it rejects, and RabbitMQ closes the channel. */
export async function readyIn(channel: Channel, queue: string): Promise<number> {
  return (await countsIn(channel, queue)).ready;
}

async function countsIn(channel: Channel, queue: string): Promise<QueueCounts> {
  const { messageCount: ready, consumerCount: consumers } = await channel.checkQueue(queue);
  return { ready, consumers };
}
