import { type ChannelModel, type ConfirmChannel, IllegalOperationError, type Options } from "amqplib";
import { startAge } from "../age.ts";
import { DeadlineError, withDeadline } from "../retry.ts";
import { count } from "../telemetry/measure.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";

const CONFIRM_SECONDS = 8;
/** Unused for longer (a frozen Lambda), the broker may have dropped the connection without our noticing. */
const IDLE_SECONDS_MAX = 15;

export interface Publisher {
  /**
   * Resolves once the broker has the message in a queue, on disk. Rejects when it is refused, unroutable, or not confirmed in 8 s;
   * the message may then be there all the same, so whoever receives it must tolerate it twice. Rejects with `MessageError` when the
   * fault lies in the message, which must then be another one.
   */
  publish(exchange: string, routingKey: string, content: Buffer, properties: Options.Publish): Promise<void>;
  close(): Promise<void>;
}

interface Link {
  connection: ChannelModel;
  channel: ConfirmChannel;
  isBlocked: boolean;
  /** What the broker said when it closed the channel. */
  closedBecause: (Error & { code?: number }) | undefined;
  /** How many messages of this id the broker returned as unroutable; their confirms follow the returns. */
  returned: Map<unknown, number>;
}

/** Publishes with confirms over a connection of its own, which is opened at the first message and again after each failure. */
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

  /** As against one that is merely old. */
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

  /** The queue has been deleted. A channel of its own, because a refused declaration ends its channel for all messages under way there. */
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

/** The broker answered, and its answer is no: the connection is good. */
class RefusedError extends Error {
  override name = "RefusedError";
}

class UnroutableError extends RefusedError {}

/** The message cannot be encoded, or the broker closes the channel over it: to send it again is of no use. */
export class MessageError extends Error {
  override name = "MessageError";
}

/** AMQP 0-9-1, section 1.2: what the broker says of a message that it understands and does not take. */
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
      // amqplib throws this one when the broker has closed the channel.
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
