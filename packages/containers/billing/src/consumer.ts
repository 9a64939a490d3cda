import { byLane, LANE_NAMES, LANES, type Lane } from "@cloud-design/core/billing/lanes";
import * as Billing from "@cloud-design/core/billing/queue";
import { createPublisher, keepConnected } from "@cloud-design/core/broker";
import type { Log } from "@cloud-design/core/log";
import type { CredentialsProvider } from "@cloud-design/core/secrets";
import type { ChannelModel } from "amqplib";
import { settledIn, startAfresh, stopConsuming } from "../../shared/consuming.ts";
import { createInbox, type Inbox } from "../../shared/inbox.ts";
import { createAcknowledger } from "./acknowledger.ts";
import { deadLetterBy } from "./dead-letter-queue.ts";
import { type Followed, follow } from "./follow.ts";
import type { DeadLetter, OrderRecorder } from "./order-recorder.ts";
import { createProgress, type Progress } from "./progress.ts";

export interface Consumer {
  /** Whether this process is consuming now. */
  isConsuming(): boolean;
  /**
   * Messages that were delivered to this process and are not settled yet; 0 without a connection, because the broker
   * delivers them again.
   */
  held(): number;
  /** Whether held messages get settled, across connections; "up" when no message is held. */
  progress: Progress["state"];
  /** Stops consuming, settles the messages it holds, then disconnects. */
  close(): Promise<void>;
}

interface LaneSession {
  inbox: Inbox<Billing.Delivered>;
  cancel(): Promise<unknown>;
  settled(): Promise<void>;
}

interface Session {
  lanes: Record<Lane, LaneSession>;
  /** Aborted once the session is over. */
  signal: AbortSignal;
}

type CreateRecorder = (session: {
  deadLetter: DeadLetter;
  signal: AbortSignal;
  onWait: (error: unknown) => void;
}) => OrderRecorder;

interface SessionOptions {
  createRecorder: CreateRecorder;
  deadLetters: Record<Lane, DeadLetter>;
  progress: Record<Lane, Progress>;
  log: Log;
}

/**
 * Consumes the queues of all lanes, and reconnects for as long as it runs. Each lane has a channel, its share of the
 * prefetch and batches of its own, so that neither waits for a batch of the other.
 */
export function startConsumer(deps: {
  amqpUrl: string;
  /** Asked for user name and password at each connect; without it the URL contains them. */
  credentials?: CredentialsProvider | undefined;
  createRecorder: CreateRecorder;
  log: Log;
}): Consumer {
  const { amqpUrl, credentials, log } = deps;
  // Separate from the consumer's connection: an alarm of the broker blocks connections that publish.
  const publisher = createPublisher(amqpUrl, {
    name: "billing dead letters",
    credentials,
    setup: Billing.declareTopology,
  });
  const deadLetters = byLane((lane) => deadLetterBy(publisher, lane, log));
  const progress = byLane(() => createProgress());
  let current: Session | undefined;

  const connection = keepConnected(amqpUrl, {
    name: "billing",
    credentials,
    setup: async (connection) => {
      current = await openSession(connection, { ...deps, deadLetters, progress });
      log.info("consuming");
    },
    onFailure: (err) => log.warn({ err }, "no connection to RabbitMQ; trying again"),
  });

  const isConsuming = () => current !== undefined && !current.signal.aborted;
  const heldOf = (lane: Lane) => (isConsuming() ? (current?.lanes[lane].inbox.held() ?? 0) : 0);
  const stateOf = (lane: Lane) => (isConsuming() && heldOf(lane) === 0 ? "up" : progress[lane].state());
  const inEach = (work: (lane: LaneSession) => Promise<unknown>) =>
    Promise.all(Object.values(current?.lanes ?? {}).map(work));
  return {
    isConsuming,
    held: () => LANE_NAMES.reduce((sum, lane) => sum + heldOf(lane), 0),
    progress: () => worst(LANE_NAMES.map(stateOf)),
    close: () =>
      stopConsuming({
        cancel: () => inEach(({ cancel }) => cancel()),
        settled: () => inEach(({ settled }) => settled()),
        disconnect: () => Promise.all([connection.close(), publisher.close()]),
      }),
  };
}

/** Consumes on channels of this connection. A failure closes the connection, and the next one begins with what was not acknowledged. */
async function openSession(connection: ChannelModel, options: SessionOptions): Promise<Session> {
  const over = new AbortController();
  const opened = await Promise.all(LANE_NAMES.map((lane) => openLane(connection, lane, over, options)));
  return { lanes: Object.fromEntries(opened) as Record<Lane, LaneSession>, signal: over.signal };
}

async function openLane(
  connection: ChannelModel,
  lane: Lane,
  over: AbortController,
  { createRecorder, deadLetters, progress, log }: SessionOptions,
): Promise<[Lane, LaneSession]> {
  const channel = await connection.createChannel();
  channel.on("error", (err) => log.warn({ err }, "RabbitMQ closed the channel"));
  channel.on("close", () => {
    over.abort();
    // A connection without its channel consumes nothing; closing it starts the next one.
    startAfresh(connection);
  });
  const inSession = progress[lane].begin();
  // The current batch; only one is handled at a time.
  let followed: Followed | undefined;
  const onWait = (err: unknown) => {
    log.warn({ err }, "billing waits for a dependency");
    followed?.waits(err);
  };
  const recorder = createRecorder({ deadLetter: deadLetters[lane], signal: over.signal, onWait });
  const acknowledge = createAcknowledger(channel);
  const inbox = createInbox<Billing.Delivered>({
    isRedelivered: (message) => message.fields.redelivered,
    async handle(messages) {
      using batch = follow(messages, lane, log);
      followed = batch;
      await recorder.handle(messages, (settlements) => {
        // Asked for first, and written in this turn: a failure of tracing or logging must not prevent it.
        if (!over.signal.aborted) acknowledge(settlements.map(({ message }) => message));
        inSession.settled(settlements.length);
        batch.settled(settlements);
      });
    },
    onError: (err) => {
      if (over.signal.aborted) return;
      log.error({ err }, "unexpected error; starting afresh with the messages that are not acknowledged");
      startAfresh(connection);
    },
  });
  await Billing.declareTopology(channel);
  const { queue, prefetch } = LANES[lane];
  await channel.prefetch(prefetch);
  const { consumerTag } = await channel.consume(queue, (message) => {
    // The broker cancelled the consumer because the queue was deleted. The next session declares it again.
    if (!message) return startAfresh(connection);
    inSession.received(message.fields.redelivered);
    inbox.add(Billing.delivered(message));
  });
  return [
    lane,
    {
      inbox,
      cancel: () => channel.cancel(consumerTag),
      settled: () => settledIn(queue, channel, inbox),
    },
  ];
}

function worst(states: readonly ReturnType<Progress["state"]>[]): ReturnType<Progress["state"]> {
  return (["down", "degraded"] as const).find((state) => states.includes(state)) ?? "up";
}
