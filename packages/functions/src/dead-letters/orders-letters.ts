import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { type Replay, replayHeaders, replaysOf } from "@cloud-design/core/billing/dead-letter";
import { laneNamed } from "@cloud-design/core/billing/lanes";
import { isOrderId } from "@cloud-design/core/billing/order-id";
import { orderIdOf } from "@cloud-design/core/billing/queue";
import type { LaneUrls } from "../shared/lane-urls.ts";
import { ORDER_BRIDGE } from "../shared/orders-queue-limits.ts";
import { queueDepth } from "../shared/queue-depth.ts";
import type { DeadLetterQueue, HeldLetter } from "./dead-letter-queue.ts";
import { letterBody } from "./letter-body.ts";
import { type Letter, LOOK_MAX } from "./protocol.ts";

/** Longer than a request takes; after a crash, the messages it held stay invisible for this time. */
const HIDDEN_SECONDS = 60;
/** A long poll asks all of SQS's servers; a short one may miss messages. */
const POLL_SECONDS = 1;
const BATCH_MAX = 10;

const CAUSE = `RabbitMQ did not take it in ${ORDER_BRIDGE.receivesMax.toLocaleString("en")} attempts.`;

/** The attributes that the gateway writes. A message may have ten attributes, five of which the replay adds. */
const CARRIED = ["order_id", "owner", "lane", "accepted_at", "traceparent"];

/**
 * The dead letters of SQS. A replay is in the queue of its lane before it is deleted here: after a crash between
 * the two, it is sent again under the same order id.
 */
export function openOrdersLetters(
  client: SQSClient,
  { ordersUrls, deadLettersUrl }: { ordersUrls: LaneUrls; deadLettersUrl: string },
): DeadLetterQueue {
  const heldLetter = (message: Message, onGone: () => void): HeldLetter => ({
    letter: letterOf(message),
    async send(replay) {
      const MessageAttributes = replayAttributes(message, replay);
      const QueueUrl = ordersUrls[laneNamed(attributesOf(message).lane)];
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: message.Body, MessageAttributes }));
    },
    async takeOut() {
      const { ReceiptHandle } = message;
      await client.send(new DeleteMessageCommand({ QueueUrl: deadLettersUrl, ReceiptHandle }));
      onGone();
    },
  });
  return {
    async walk(visit, isOver) {
      const held = new Set<Message>();
      const { visible: total } = await queueDepth(client, deadLettersUrl);
      let looked = 0;
      try {
        while (held.size < LOOK_MAX && !isOver()) {
          const messages = await receive(client, deadLettersUrl);
          if (messages.length === 0) break;
          for (const message of messages) held.add(message);
          for (const message of messages) {
            if (isOver()) break;
            looked++;
            await visit(heldLetter(message, () => held.delete(message)));
          }
        }
      } finally {
        // A failure only leaves them invisible for a minute, and must not hide an earlier error.
        await putBack(client, deadLettersUrl, [...held]).catch(() => {});
      }
      return { looked, total: Math.max(total, looked) };
    },
    close: async () => client.destroy(),
  };
}

async function receive(client: SQSClient, queueUrl: string): Promise<Message[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: BATCH_MAX,
      VisibilityTimeout: HIDDEN_SECONDS,
      WaitTimeSeconds: POLL_SECONDS,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    }),
  );
  return Messages;
}

async function putBack(client: SQSClient, queueUrl: string, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += BATCH_MAX) {
    const Entries = messages
      .slice(from, from + BATCH_MAX)
      .map(({ ReceiptHandle }, id) => ({ Id: String(id), ReceiptHandle, VisibilityTimeout: 0 }));
    await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/**
 * The order id that the message has carried from the beginning; without one the SQS message id, which a new message
 * would not keep.
 */
function idOf({ MessageAttributes, MessageId = "" }: Message): string {
  return MessageAttributes?.order_id?.StringValue ?? MessageId;
}

function replayAttributes(message: Message, replay: Replay): Record<string, MessageAttributeValue> {
  const before = message.MessageAttributes ?? {};
  const carried = CARRIED.flatMap((name) => (before[name] ? [[name, before[name]] as const] : []));
  const written = Object.entries({
    order_id: idOf(message),
    ...replayHeaders(replay, attributesOf(message)),
  }).map(([name, value]) => [name, { DataType: "String", StringValue: String(value) }] as const);
  const { traceparent } = replay;
  return {
    ...Object.fromEntries([...carried, ...written]),
    ...(traceparent !== undefined && { traceparent: { DataType: "String", StringValue: traceparent } }),
  };
}

function attributesOf({ MessageAttributes = {} }: Message): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
  );
}

function letterOf(message: Message): Letter {
  const { Body = "", Attributes = {} } = message;
  const attributes = attributesOf(message);
  const id = idOf(message);
  return {
    id,
    orderId: orderIdOf(id),
    lane: laneNamed(attributes.lane),
    cause: CAUSE,
    since: new Date(Number(Attributes.SentTimestamp)).toISOString(),
    deliveries: Number(Attributes.ApproximateReceiveCount),
    // Billing has no row of the order yet.
    isDroppable: !isOrderId(id),
    ...letterBody(Buffer.from(Body)),
    owner: attributes.owner,
    traceparent: attributes.traceparent,
    acceptedAt: attributes.accepted_at,
    ...replaysOf(attributes),
  };
}
