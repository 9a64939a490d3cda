import { once } from "node:events";
import type { GetMessage } from "amqplib";
import { withDeadline } from "../retry.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";
import { readyIn } from "./count-messages.ts";

/** A healthy broker answers within milliseconds. */
const ANSWER_SECONDS = 5;

export interface Walk {
  /** How many messages were looked at. */
  looked: number;
  /** How many waited in the queue when the walk began. */
  total: number;
}

export interface WalkOptions extends ConnectOptions {
  /** The most messages to hold at the same time; the walk ends there. */
  heldMax: number;
  /** Asked before each message. */
  isOver: () => boolean;
}

/**
 * Shows the waiting messages of a queue to `visit`, one after the other. Messages that it does not take out return to
 * their place, also when it throws or the process dies; each look counts as a delivery. Messages that arrive meanwhile
 * are left for the next walk.
 */
export async function walkQueue(
  url: string,
  queue: string,
  { heldMax, isOver, ...options }: WalkOptions,
  visit: (message: GetMessage, takeOut: () => void) => Promise<void>,
): Promise<Walk> {
  const connection = await openConnection(url, options);
  try {
    const channel = await connection.createChannel();
    // Without a listener the error for an unknown queue would end the process.
    channel.on("error", () => {});
    // When the channel closes, amqplib rejects neither a `get` with half a message nor a `close`.
    const lost = once(channel, "close").then(() => Promise.reject(new Error("The connection was lost")));
    const total = await answered(Promise.race([readyIn(channel, queue), lost]));
    let looked = 0;
    let held = 0;
    while (looked < total && held < heldMax && !isOver()) {
      const message = await answered(Promise.race([channel.get(queue), lost]));
      if (message === false) break;
      looked++;
      held++;
      await visit(message, () => {
        channel.ack(message);
        held--;
      });
    }
    if (held > 0) channel.nackAll(true);
    // Waits until the broker has processed everything above.
    await answered(Promise.race([channel.close(), lost]));
    return { looked, total };
  } finally {
    // Awaited: until the connection is closed the held messages stay invisible, and a Lambda that has answered may be
    // frozen before that.
    await answered((async () => connection.close())()).catch(() => {});
  }
}

function answered<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, ANSWER_SECONDS, "RabbitMQ");
}
