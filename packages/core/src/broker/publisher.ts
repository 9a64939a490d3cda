import type { Options } from "amqplib";
import { startAge } from "../age.ts";
import { DeadlineError, withDeadline } from "../retry.ts";
import { count } from "../telemetry/measure.ts";
import {
  confirmed,
  type Link,
  type LinkOptions,
  MessageError,
  openLink,
  RefusedError,
  UnroutableError,
} from "./link.ts";

export { MessageError } from "./link.ts";

const CONFIRM_SECONDS = 8;
/** After a longer idle time (a frozen Lambda) the broker may have dropped the connection unnoticed. */
const IDLE_SECONDS_MAX = 15;

export interface Publisher {
  /**
   * Resolves once the broker has the message in a queue, on disk. Rejects when the message is refused, unroutable, or
   * not confirmed within 8 s; it may have arrived all the same, so consumers must tolerate duplicates. Rejects with
   * `MessageError` when the message itself is at fault: do not send it again unchanged.
   */
  publish(exchange: string, routingKey: string, content: Buffer, properties: Options.Publish): Promise<void>;
  close(): Promise<void>;
}

/** Publishes with confirms over its own connection, which opens at the first message and again after each failure. */
export function createPublisher(
  url: string,
  options: LinkOptions & { confirmSeconds?: number; idleSecondsMax?: number },
): Publisher {
  const { confirmSeconds = CONFIRM_SECONDS, idleSecondsMax = IDLE_SECONDS_MAX } = options;
  let current: Promise<Link> | undefined;
  let declaring: Promise<void> | undefined;
  let idle = startAge();

  function discard(link: Promise<Link>): void {
    if (current === link) current = undefined;
    link.then(({ connection }) => connection.close()).catch(() => {});
  }

  /** Discards a link that failed, and counts it; `discard` alone is for one that is only old. */
  function lose(link: Promise<Link>): void {
    if (current === link) count("broker.reconnects");
    discard(link);
  }

  function acquire(): Promise<Link> {
    if (current && idle() >= idleSecondsMax * 1_000) discard(current);
    if (!current) {
      const opening = openLink(url, options);
      current = opening;
      opening
        .then(({ connection, channel }) => {
          connection.on("close", () => lose(opening));
          channel.on("close", () => lose(opening));
        })
        .catch(() => lose(opening));
    }
    idle = startAge();
    return current;
  }

  /**
   * Declares the deleted queue again. It uses a separate channel, because a refused declaration closes its channel and
   * with it fails all messages in flight there.
   */
  function declareAnew(link: Promise<Link>): Promise<void> {
    const declare = async () => {
      const channel = await (await link).connection.createConfirmChannel();
      channel.on("error", () => {});
      await options.setup(channel);
      await channel.close();
    };
    declaring ??= withDeadline(declare(), confirmSeconds, "RabbitMQ")
      .catch(() => lose(link))
      .finally(() => {
        declaring = undefined;
      });
    return declaring;
  }

  return {
    async publish(exchange, routingKey, content, properties) {
      const acquired = acquire();
      try {
        await withDeadline(
          acquired.then((link) => confirmed(link, exchange, routingKey, content, properties)),
          confirmSeconds,
          "RabbitMQ",
        );
        idle = startAge();
      } catch (error) {
        if (error instanceof DeadlineError) count("broker.confirms_timed_out");
        if (error instanceof UnroutableError) await declareAnew(acquired);
        else if (!(error instanceof RefusedError || error instanceof MessageError)) lose(acquired);
        throw error;
      }
    },
    async close() {
      const link = current;
      current = undefined;
      await link?.then(({ connection }) => connection.close()).catch(() => {});
    },
  };
}
