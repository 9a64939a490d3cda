import { keepConnected } from "@cloud-design/core/broker";
import { isLasting } from "@cloud-design/core/database";
import { declareSubscriber, EVENT_REFUSED, type OrderEvent, parseEvent } from "@cloud-design/core/events";
import type { Log } from "@cloud-design/core/log";
import type { CredentialsProvider } from "@cloud-design/core/secrets";
import type { ChannelModel, ConsumeMessage } from "amqplib";
import { settledIn, startAfresh, stopConsuming } from "../../shared/consuming.ts";
import { BATCH_MAX, createInbox } from "../../shared/inbox.ts";
import { createPatience } from "../../shared/patience.ts";

/**
 * Resolves once what follows from the events is stored. It may get an event again, also after it has resolved, and must
 * then change nothing. A failure is repeated in place; one that can never pass (`isLasting`) is a dead letter.
 */
export type Hear = (events: readonly OrderEvent[]) => Promise<unknown>;

export interface Subscriber {
  isConsuming(): boolean;
  /** Stops consuming, settles the events it holds, then disconnects. */
  close(): Promise<void>;
}

interface SubscriberOptions {
  queue: string;
  hear: Hear;
  /** The most events that are heard together, and repeated together after a failure. */
  batchMax?: number;
  log: Log;
}

interface Session {
  cancel(): Promise<unknown>;
  settled(): Promise<void>;
  signal: AbortSignal;
}

interface Heard {
  message: ConsumeMessage;
  event: OrderEvent;
}

/** Hears every event of orders on a queue and a connection of its own, and reconnects for as long as it runs. */
export function startSubscriber(
  options: SubscriberOptions & {
    amqpUrl: string;
    /** Asked for user name and password at each connect; without it the URL contains them. */
    credentials?: CredentialsProvider | undefined;
  },
): Subscriber {
  const { amqpUrl, credentials, queue, log } = options;
  let current: Session | undefined;
  const connection = keepConnected(amqpUrl, {
    name: queue,
    credentials,
    setup: async (connection) => {
      current = await openSession(connection, options);
      log.info({ queue }, "hears events");
    },
    onFailure: (err) => log.warn({ err, queue }, "no connection to RabbitMQ; trying again"),
  });
  return {
    isConsuming: () => current !== undefined && !current.signal.aborted,
    close: () =>
      stopConsuming({
        cancel: () => current?.cancel(),
        settled: () => current?.settled(),
        disconnect: connection.close,
      }),
  };
}

async function openSession(
  connection: ChannelModel,
  { queue, hear, batchMax = BATCH_MAX, log }: SubscriberOptions,
): Promise<Session> {
  const channel = await connection.createChannel();
  const over = new AbortController();
  channel.on("error", (err) => log.warn({ err, queue }, "RabbitMQ closed the channel"));
  channel.on("close", () => {
    over.abort();
    // A connection without its channel consumes nothing; closing it starts the next one.
    startAfresh(connection);
  });
  const inPlace = createPatience({
    signal: over.signal,
    onWait: (err) => log.warn({ err, queue }, "events wait for a dependency"),
  });

  const layAside = (message: ConsumeMessage, err: unknown) => {
    log.error({ err, queue, message_id: message.properties.messageId }, EVENT_REFUSED);
    if (!over.signal.aborted) channel.nack(message, false, false);
  };

  /** If the events are refused together, each is heard alone to find the refused ones. */
  async function hearAll(heard: readonly Heard[]): Promise<void> {
    try {
      await inPlace(() => hear(heard.map(({ event }) => event)));
      const last = heard.at(-1);
      // And all before it, which are settled: batches come one after the other. RabbitMQ holds single acknowledgements
      // of a quorum queue back, and forgets those when the connection closes.
      if (last && !over.signal.aborted) channel.ack(last.message, true);
    } catch (error) {
      if (!isLasting(error)) throw error;
      if (heard.length > 1) for (const one of heard) await hearAll([one]);
      else for (const { message } of heard) layAside(message, error);
    }
  }

  const inbox = createInbox<ConsumeMessage>({
    isRedelivered: (message) => message.fields.redelivered,
    batchMax,
    async handle(messages) {
      const heard: Heard[] = [];
      for (const message of messages) {
        try {
          heard.push({ message, event: parseEvent(message) });
        } catch (error) {
          layAside(message, error);
        }
      }
      if (heard.length > 0) await hearAll(heard);
    },
    onError: (err) => {
      if (over.signal.aborted) return;
      log.error(
        { err, queue },
        "unexpected error; starting afresh with the events that are not acknowledged",
      );
      startAfresh(connection);
    },
  });
  await declareSubscriber(channel, queue);
  await channel.prefetch(BATCH_MAX);
  const { consumerTag } = await channel.consume(queue, (message) => {
    // The broker cancelled the consumer because the queue was deleted. The next session declares it again.
    if (!message) return startAfresh(connection);
    inbox.add(message);
  });
  return {
    cancel: () => channel.cancel(consumerTag),
    settled: () => settledIn(queue, channel, inbox),
    signal: over.signal,
  };
}
