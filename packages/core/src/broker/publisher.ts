import { type ChannelModel, type ConfirmChannel, IllegalOperationError, type Options } from "amqplib";
import { startAge } from "../age.ts";
import { DeadlineError, withDeadline } from "../retry.ts";
import { count } from "../telemetry/measure.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";

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

interface Link {
  connection: ChannelModel;
  channel: ConfirmChannel;
  isBlocked: boolean;
  /** The broker's reason for closing the channel. */
  closedBecause: (Error & { code?: number }) | undefined;
  /** How many messages of each id the broker returned as unroutable; the confirm of each follows its return. */
  returned: Map<unknown, number>;
}

/** Publishes with confirms over its own connection, which opens at the first message and again after each failure. */
export function createPublisher(
  url: string,
  options: ConnectOptions & {
    setup: (channel: ConfirmChannel) => Promise<void>;
    confirmSeconds?: number;
    idleSecondsMax?: number;
  },
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

  async function open(): Promise<Link> {
    const connection = await openConnection(url, options);
    try {
      return await openChannel(connection);
    } catch (error) {
      void connection.close().catch(() => {});
      throw error;
    }
  }

  async function openChannel(connection: ChannelModel): Promise<Link> {
    const channel = await connection.createConfirmChannel();
    const link: Link = {
      connection,
      channel,
      isBlocked: false,
      closedBecause: undefined,
      returned: new Map(),
    };
    channel.on("error", (error) => {
      link.closedBecause = error;
    });
    connection.on("blocked", () => {
      link.isBlocked = true;
    });
    connection.on("unblocked", () => {
      link.isBlocked = false;
    });
    channel.on("return", (message) => {
      const { messageId } = message.properties;
      link.returned.set(messageId, (link.returned.get(messageId) ?? 0) + 1);
    });
    await options.setup(channel);
    return link;
  }

  function acquire(): Promise<Link> {
    if (current && idle() >= idleSecondsMax * 1_000) discard(current);
    if (!current) {
      const opening = open();
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

/** The broker answered and refused the message: the connection itself is good. */
class RefusedError extends Error {
  override name = "RefusedError";
}

class UnroutableError extends RefusedError {}

/** The message cannot be encoded, or the broker closes the channel because of it: sending it again cannot succeed. */
export class MessageError extends Error {
  override name = "MessageError";
}

/** Reply codes for a message that the broker understands and refuses (AMQP 0-9-1, section 1.2). */
const NOT_THIS_MESSAGE = [311, 406];

function confirmed(
  link: Link,
  exchange: string,
  routingKey: string,
  content: Buffer,
  properties: Options.Publish,
): Promise<void> {
  const { channel, returned } = link;
  return new Promise((resolve, reject) => {
    if (link.isBlocked) {
      reject(new RefusedError("RabbitMQ is blocked by its memory or disk alarm"));
      return;
    }
    const answered = (error: unknown) => {
      if (takeReturn(returned, properties.messageId))
        reject(
          new UnroutableError(
            `No queue takes messages for ${exchange || "the default exchange"}, ${routingKey}`,
          ),
        );
      else if (NOT_THIS_MESSAGE.includes(link.closedBecause?.code ?? 0))
        reject(new MessageError(`RabbitMQ refuses the message: ${link.closedBecause}`));
      else if (error) reject(new RefusedError(`RabbitMQ did not take the message: ${error}`));
      else resolve();
    };
    try {
      channel.publish(exchange, routingKey, content, { ...properties, mandatory: true }, answered);
    } catch (error) {
      // amqplib throws this error when the broker has closed the channel.
      if (error instanceof IllegalOperationError) throw error;
      throw new MessageError("The message cannot be encoded", { cause: error });
    }
  });
}

function takeReturn(returned: Map<unknown, number>, messageId: unknown): boolean {
  const count = returned.get(messageId) ?? 0;
  if (count > 1) returned.set(messageId, count - 1);
  else returned.delete(messageId);
  return count > 0;
}
