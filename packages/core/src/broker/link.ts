import { type ChannelModel, type ConfirmChannel, IllegalOperationError, type Options } from "amqplib";
import { type ConnectOptions, openConnection } from "./connect.ts";

/** A connection with the one channel on which a publisher waits for confirms. */
export interface Link {
  connection: ChannelModel;
  channel: ConfirmChannel;
  isBlocked: boolean;
  /** The broker's reason for closing the channel. */
  closedBecause: (Error & { code?: number }) | undefined;
  /** How many messages of each id the broker returned as unroutable; the confirm of each follows its return. */
  returned: Map<unknown, number>;
}

export interface LinkOptions extends ConnectOptions {
  /** Declares the queues; runs on each new channel. */
  setup: (channel: ConfirmChannel) => Promise<void>;
}

export async function openLink(url: string, options: LinkOptions): Promise<Link> {
  const connection = await openConnection(url, options);
  try {
    return await openChannel(connection, options);
  } catch (error) {
    void connection.close().catch(() => {});
    throw error;
  }
}

async function openChannel(connection: ChannelModel, { setup }: LinkOptions): Promise<Link> {
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
  await setup(channel);
  return link;
}

/** The broker answered and refused the message: the connection itself is good. */
export class RefusedError extends Error {
  override name = "RefusedError";
}

/** The broker has no queue for the message. */
export class UnroutableError extends RefusedError {}

/** The message cannot be encoded, or the broker closes the channel because of it: sending it again cannot succeed. */
export class MessageError extends Error {
  override name = "MessageError";
}

/** Reply codes for a message that the broker understands and refuses (AMQP 0-9-1, section 1.2). */
const NOT_THIS_MESSAGE = [311, 406];

/** Resolves once the broker has confirmed the message. */
export function confirmed(
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
