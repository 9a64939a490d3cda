import { withDeadline } from "../retry.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";

/** A broker that is well answers within milliseconds; a frozen one would only be noticed after two missed heartbeats. */
const COUNT_SECONDS = 5;

export interface QueueCounts {
  /** Messages that nobody holds. */
  ready: number;
  /** Processes that hold others, unacknowledged: how many, only they can say. */
  consumers: number;
}

/** How many messages of a queue wait for a consumer. Rejects when the broker does not say so in 5 s, or has no such queue. */
export async function countMessages(
  url: string,
  queue: string,
  options: ConnectOptions,
): Promise<QueueCounts> {
  const opening = openConnection(url, options);
  try {
    const count = opening.then(async (connection) => {
      const channel = await connection.createChannel();
      // Without a listener the refusal of an unknown queue would end the process.
      channel.on("error", () => {});
      const { messageCount: ready, consumerCount: consumers } = await channel.checkQueue(queue);
      return { ready, consumers };
    });
    return await withDeadline(count, COUNT_SECONDS, "RabbitMQ");
  } finally {
    void opening.then((connection) => connection.close()).catch(() => {});
  }
}
