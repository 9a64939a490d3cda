import type { ConsumeMessage } from "amqplib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createAcknowledger } from "./acknowledger.ts";

const delivered = (deliveryTag: number) => ({ fields: { deliveryTag } }) as ConsumeMessage;

/** A channel that acknowledges like RabbitMQ, which closes it for a tag that is not open. */
function channelWith(messages: number) {
  const open = new Set(Array.from({ length: messages }, (_, index) => index + 1));
  let frames = 0;
  return {
    open,
    frames: () => frames,
    ack({ fields }: ConsumeMessage, allUpTo = false) {
      frames++;
      if (!open.delete(fields.deliveryTag)) throw new Error(`unknown delivery tag ${fields.deliveryTag}`);
      if (allUpTo) for (const tag of open) if (tag < fields.deliveryTag) open.delete(tag);
    },
  };
}

test("one frame acknowledges a whole batch", () => {
  const channel = channelWith(500);
  const acknowledge = createAcknowledger(channel);
  const messages = [...channel.open].map(delivered);
  acknowledge(messages.slice(0, 250));
  expect(channel.frames()).toBe(1);
  acknowledge(messages.slice(250));
  expect(channel.frames()).toBe(2);
  expect(channel.open.size).toBe(0);
});

test("a message that is not settled is never acknowledged with others, in whatever order they are settled", () => {
  const groups = fc
    .shuffledSubarray(
      Array.from({ length: 12 }, (_, index) => index + 1),
      { minLength: 12 },
    )
    .chain((tags) => fc.tuple(fc.constant(tags), fc.array(fc.nat(4), { minLength: 12, maxLength: 12 })));
  fc.assert(
    fc.property(groups, ([tags, sizes]) => {
      const channel = channelWith(12);
      const acknowledge = createAcknowledger(channel);
      const left = new Set(tags);
      for (const size of sizes) {
        const settled = tags.splice(0, size).toSorted((a, b) => a - b);
        for (const tag of settled) left.delete(tag);
        acknowledge(settled.map(delivered));
        expect([...channel.open]).toEqual([...left].toSorted((a, b) => a - b));
      }
    }),
  );
});
