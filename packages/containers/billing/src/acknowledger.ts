import type { Channel, ConsumeMessage } from "amqplib";

/** Acknowledges messages, with as few frames as possible. */
export type Acknowledge = (messages: readonly Delivered[]) => void;
type Delivered = Pick<ConsumeMessage, "fields">;

/**
 * For a channel with one consumer, whose delivery tags count from 1 without a gap. A frame for a message and all before
 * it is sent only when all of those are settled. A message behind an unsettled one gets a frame of its own.
 */
export function createAcknowledger(channel: Pick<Channel, "ack">): Acknowledge {
  /** This tag and all before it are acknowledged. */
  let upTo = 0;
  const beyond = new Set<number>();
  return (messages) => {
    let last: Delivered | undefined;
    for (const message of messages) {
      const { deliveryTag } = message.fields;
      if (deliveryTag === upTo + 1) {
        last = message;
        for (upTo = deliveryTag; beyond.delete(upTo + 1); ) upTo++;
      } else {
        beyond.add(deliveryTag);
        channel.ack(message as ConsumeMessage);
      }
    }
    if (last) channel.ack(last as ConsumeMessage, true);
  };
}
