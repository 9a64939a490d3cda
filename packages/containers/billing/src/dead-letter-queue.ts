import { bareDeadLetterProperties, deadLetterProperties } from "@cloud-design/core/billing/dead-letter";
import { LANES, type Lane } from "@cloud-design/core/billing/lanes";
import { BILLING_DEAD_LETTERS } from "@cloud-design/core/billing/queue";
import { MessageError, type Publisher } from "@cloud-design/core/broker";
import type { Log } from "@cloud-design/core/log";
import type { Options } from "amqplib";
import type { DeadLetter } from "./order-recorder.ts";

/**
 * Publishes messages of a lane to the dead-letter queue, each with its reason. The routing key is the name of the lane's
 * queue, as RabbitMQ itself leaves it: a replay finds its lane by it.
 */
export function deadLetterBy(publisher: Publisher, lane: Lane, log: Log): DeadLetter {
  return async (message, reason) => {
    const why = { reason, at: new Date().toISOString() };
    const send = (properties: Options.Publish) =>
      publisher.publish(BILLING_DEAD_LETTERS, LANES[lane].queue, message.content, properties);
    try {
      await send(deadLetterProperties(message, why));
    } catch (err) {
      // The next attempt would fail in the same way and block all other messages.
      if (!(err instanceof MessageError)) throw err;
      log.warn({ err }, "a message is dead-lettered without its properties");
      await send(bareDeadLetterProperties(message, why));
    }
  };
}
