import { withDeadline } from "@cloud-design/core/retry";
import type { Channel, ChannelModel } from "amqplib";
import type { Inbox } from "./inbox.ts";

/** A healthy broker answers a cancel in milliseconds. */
const CANCEL_SECONDS = 2;
/** Longer than the 6 s after which a query to the database is given up. */
const SETTLE_SECONDS = 8;

/** Takes the steps of a stop, each for some seconds at most. Messages that wait for a dependency return to the queue. */
export async function stopConsuming(steps: {
  cancel: () => Promise<unknown> | undefined;
  settled: () => Promise<unknown> | undefined;
  disconnect: () => Promise<unknown>;
}): Promise<void> {
  await atMost(CANCEL_SECONDS, steps.cancel());
  await atMost(SETTLE_SECONDS, steps.settled());
  await atMost(CANCEL_SECONDS, steps.disconnect());
}

/**
 * Resolves when the messages of an inbox are handled and the queue knows of their acknowledgements. Without the answer
 * of the queue, RabbitMQ forgets acknowledgements that the end of the connection overtakes, and delivers again.
 */
export async function settledIn(queue: string, channel: Channel, inbox: Inbox<unknown>): Promise<void> {
  await inbox.settled();
  await channel.checkQueue(queue);
}

/** Closes a connection that may be closing already; its messages come again on the next one. */
export function startAfresh(connection: ChannelModel): void {
  void (async () => connection.close())().catch(() => {});
}

async function atMost(seconds: number, work: Promise<unknown> = Promise.resolve()): Promise<void> {
  await withDeadline(work, seconds, "RabbitMQ or the database").catch(() => {});
}
