import {
  causeOf,
  DeadLetterHeaders,
  deadLetterId,
  replayProperties,
  replaysOf,
} from "@cloud-design/core/billing/dead-letter";
import { LANES, laneOfQueue } from "@cloud-design/core/billing/lanes";
import { isOrderId } from "@cloud-design/core/billing/order-id";
import { BILLING_DEAD_LETTERS, declareTopology, orderIdOf } from "@cloud-design/core/billing/queue";
import { createPublisher, walkQueue } from "@cloud-design/core/broker";
import type { CredentialsProvider } from "@cloud-design/core/secrets";
import * as z from "zod";
import type { DeadLetterQueue } from "./dead-letter-queue.ts";
import { letterBody } from "./letter-body.ts";
import { type Letter, LOOK_MAX } from "./protocol.ts";

/** Without the broker's own value the header may be anything. */
const DeliveryCount = z.int().min(0).catch(0);

type Message = Parameters<Parameters<typeof walkQueue>[3]>[0];

/**
 * The dead letters of RabbitMQ. A replay is published to the lane that its message came from, with a confirm before the
 * dead letter is acknowledged: if the process dies between the two, it is sent again.
 */
export function openBillingLetters(
  amqpUrl: string,
  credentials: CredentialsProvider | undefined,
): DeadLetterQueue {
  const options = { name: "dead-letters", credentials };
  const publisher = createPublisher(amqpUrl, { ...options, setup: declareTopology });
  return {
    walk: (visit, isOver) =>
      walkQueue(
        amqpUrl,
        BILLING_DEAD_LETTERS,
        { ...options, heldMax: LOOK_MAX, isOver },
        (message, takeOut) =>
          visit({
            letter: letterOf(message),
            send: (replay) =>
              publisher.publish(
                "",
                LANES[laneOfLetter(message)].queue,
                message.content,
                replayProperties(message, replay),
              ),
            takeOut: async () => takeOut(),
          }),
      ),
    close: () => publisher.close(),
  };
}

/** Billing and RabbitMQ dead-letter a message under the name of its queue. */
function laneOfLetter({ fields }: Message) {
  return laneOfQueue(fields.routingKey);
}

function letterOf(message: Message): Letter {
  const { content, properties } = message;
  const headers = DeadLetterHeaders.parse(properties.headers ?? {});
  const id = deadLetterId(message);
  return {
    id,
    orderId: orderIdOf(id),
    lane: laneOfLetter(message),
    ...causeOf(message),
    // The broker's count excludes this delivery; without a count this is the first.
    deliveries: DeliveryCount.parse(properties.headers?.["x-delivery-count"]) + 1,
    // Billing stores the row that the customer sees before it writes the reason.
    isDroppable: !isOrderId(id) || headers["x-reason"] !== undefined,
    ...letterBody(content),
    owner: headers.owner,
    traceparent: headers.traceparent,
    acceptedAt: headers.accepted_at,
    ...replaysOf(headers),
  };
}
