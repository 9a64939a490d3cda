import { bareDeadLetterProperties, deadLetterProperties } from "@cloud-design/core/billing/dead-letter";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE, declareTopology } from "@cloud-design/core/billing/queue";
import { createPublisher, keepConnected, MessageError } from "@cloud-design/core/broker";
import type { Log } from "@cloud-design/core/log";
import { withDeadline } from "@cloud-design/core/retry";
import type { CredentialsProvider } from "@cloud-design/core/secrets";
import type { ChannelModel, ConsumeMessage, Options } from "amqplib";
import { IN_FLIGHT_MAX } from "../../shared/limits.ts";
import { type Followed, follow } from "./follow.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import type { DeadLetter, OrderRecorder } from "./order-recorder.ts";
import { createProgress, type Progress } from "./progress.ts";

/** A broker that answers at all answers a cancel in milliseconds. */
const CANCEL_SECONDS = 2;
/** Over the 6 s in which the database answers or is given up. */
const SETTLE_SECONDS = 8;

export interface Consumer {
  /** Whether messages reach this process now. */
  isConsuming(): boolean;
  /** Messages that are handed to this process and not settled yet. Without a connection none is: the broker hands them out again. */
  held(): number;
  /** Whether those come to an end, over however many connections; up where there is nothing to do. */
  progress: Progress["state"];
  /** Takes no new message, settles those it holds, then leaves the broker. */
  close(): Promise<void>;
}

interface Session {
  inbox: Inbox<ConsumeMessage>;
  cancel(): Promise<unknown>;
  /** Aborted once the session is over. */
  signal: AbortSignal;
}

/** Keeps consuming `billing_queue`, over as many connections one after the other as it takes. */
export function startConsumer(deps: {
  amqpUrl: string;
  /** Who signs in at the broker; without it the URL says so. */
  credentials?: CredentialsProvider | undefined;
  createRecorder: (session: {
    deadLetter: DeadLetter;
    signal: AbortSignal;
    onWait: (error: unknown) => void;
  }) => OrderRecorder;
  log: Log;
}): Consumer {
  const { amqpUrl, credentials, log } = deps;
  // Apart from the consumer's connection: an alarm of the broker blocks connections that publish.
  const publisher = createPublisher(amqpUrl, {
    name: "billing dead letters",
    credentials,
    setup: declareTopology,
  });
  const deadLetter: DeadLetter = async (message, reason) => {
    const why = { reason, at: new Date().toISOString() };
    const send = (properties: Options.Publish) =>
      publisher.publish(BILLING_DEAD_LETTERS, "", message.content, properties);
    try {
      await send(deadLetterProperties(message, why));
    } catch (err) {
      // The message would be the same at each attempt, and hold up all others for ever.
      if (!(err instanceof MessageError)) throw err;
      log.warn({ err }, "a dead letter is laid aside without its properties");
      await send(bareDeadLetterProperties(message, why));
    }
  };
  const progress = createProgress();
  let current: Session | undefined;

  async function open(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    const over = new AbortController();
    channel.on("error", (err) => log.warn({ err }, "RabbitMQ closed the channel"));
    channel.on("close", () => {
      over.abort();
      // A connection without its channel consumes nothing; losing it too makes the next one begin.
      startAfresh(connection);
    });
    const inSession = progress.begin();
    // One batch at a time is in hand.
    let followed: Followed | undefined;
    const onWait = (err: unknown) => {
      log.warn({ err }, "billing waits for a dependency");
      followed?.waits(err);
    };
    const recorder = deps.createRecorder({ deadLetter, signal: over.signal, onWait });
    const inbox = createInbox<ConsumeMessage>({
      isRedelivered: (message) => message.fields.redelivered,
      async handle(messages) {
        using batch = follow(messages, log);
        followed = batch;
        await recorder.handle(messages, (message, outcome) => {
          // First: nothing that is told of an order may keep it from being acknowledged.
          if (!over.signal.aborted) channel.ack(message);
          inSession.settled();
          batch.settled(message, outcome);
        });
      },
      onError: (err) => {
        if (over.signal.aborted) return;
        log.error({ err }, "unexpected error; starting afresh with the messages that are not acknowledged");
        startAfresh(connection);
      },
    });
    await declareTopology(channel);
    await channel.prefetch(IN_FLIGHT_MAX);
    const { consumerTag } = await channel.consume(BILLING_QUEUE, (message) => {
      // The broker cancelled the consumer: somebody deleted the queue. The next session declares it again.
      if (!message) return startAfresh(connection);
      inSession.received(message.fields.redelivered);
      inbox.add(message);
    });
    current = { inbox, cancel: () => channel.cancel(consumerTag), signal: over.signal };
    log.info("consuming");
  }

  const connection = keepConnected(amqpUrl, {
    name: "billing",
    credentials,
    setup: open,
    onFailure: (err) => log.warn({ err }, "no connection to RabbitMQ; trying again"),
  });

  const isConsuming = () => current !== undefined && !current.signal.aborted;
  const held = () => (isConsuming() ? (current?.inbox.held() ?? 0) : 0);
  return {
    isConsuming,
    held,
    progress: () => (isConsuming() && held() === 0 ? "up" : progress.state()),
    async close() {
      // What still waits for a dependency then goes back to the queue: nothing is lost, and a stop stays short.
      await atMost(CANCEL_SECONDS, current?.cancel());
      await atMost(SETTLE_SECONDS, current?.inbox.settled());
      await atMost(CANCEL_SECONDS, Promise.all([connection.close(), publisher.close()]));
    },
  };
}

async function atMost(seconds: number, work: Promise<unknown> = Promise.resolve()): Promise<void> {
  await withDeadline(work, seconds, "RabbitMQ or the database").catch(() => {});
}

/** Leaves a connection that may already be going; its messages come back with the next one. */
function startAfresh(connection: ChannelModel): void {
  void (async () => connection.close())().catch(() => {});
}
