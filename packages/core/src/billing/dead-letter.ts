import { createHash } from "node:crypto";
import type { ConsumeMessage, Options } from "amqplib";
import * as z from "zod";
import { carriedOn, LEFT_OUT_HEADER } from "../broker/carried.ts";
import { storableText } from "../text.ts";
import { messageIdOf, OrderHeaders } from "./queue.ts";

type Message = Pick<ConsumeMessage, "content" | "properties">;

/** The record of one replay of a dead letter. */
export interface Replay {
  /** The same for all dead letters of one run. A dead letter that comes back within its run is not sent again. */
  run: string;
  by: string;
  why: string;
  /** ISO 8601. */
  at: string;
  /** The trace context of the replay's own hop; without it the message keeps the one it has. */
  traceparent?: string | undefined;
}

const text = storableText.optional().catch(undefined);
const time = z.iso.datetime().optional().catch(undefined);

/** The headers that a replay writes and that the next replay reads; a malformed header counts as absent. */
export const ReplayHeaders = z.object({
  "x-replays": z.coerce.number<number>().int().min(1).optional().catch(undefined).meta({
    description: "How often an operator took it out of the dead letters and published it again.",
  }),
  "x-replay-run": text.meta({ description: "The run that did so last." }),
  "x-replayed-by": text,
  "x-replayed-at": time,
  "x-replay-why": text,
});

export const DeadLetterHeaders = OrderHeaders.extend(ReplayHeaders.shape).extend({
  "x-reason": text.meta({
    description: "Why it can never be recorded, in one sentence; absent where the broker itself gave it up.",
  }),
  "x-rejected-at": time,
  [LEFT_OUT_HEADER]: text.meta({
    description:
      "What the message had besides and RabbitMQ, or its client, cannot send on; absent where nothing was lost.",
  }),
});
export type DeadLetterHeaders = z.output<typeof DeadLetterHeaders>;

/** The largest time that `Date` can hold. */
const DATE_SECONDS_MAX = 8.64e12;
/** Any publisher can set the cause, and one answer contains up to a thousand of them. */
const CAUSE_CHARACTERS_MAX = 500;

/**
 * An entry of `x-death`, which RabbitMQ writes when it dead-letters a message itself (RabbitMQ guide "Dead Letter
 * Exchanges").
 */
const BrokerDeath = z.object({
  reason: z.string(),
  time: z.object({ value: z.number().min(0).max(DATE_SECONDS_MAX) }),
});
const BrokerDeaths = z.object({ "x-death": z.array(BrokerDeath).min(1) });

/** Headers about the dead-lettering itself; they do not belong to the message that is published again. */
const OF_THE_DEAD = /^x-(reason|rejected-at|death|delivery-count|acquired-count|(first|last)-death-\w+)$/;

/** This project's own headers, which take precedence over foreign ones when space is short. */
const FIRST = Object.keys(DeadLetterHeaders.shape);

/**
 * The properties of a message that billing dead-letters: the original ones, as far as they can be sent, and the reason.
 * A message without an id gets one derived from its delivery, so that it is recorded once however often it is replayed.
 */
export function deadLetterProperties(
  message: ConsumeMessage,
  { reason, at }: { reason: string; at: string },
): Options.Publish {
  const carried = carriedOn(message.properties, FIRST);
  return {
    ...carried,
    persistent: true,
    messageId: messageIdOf(message) ?? idOfDelivery(message),
    headers: { ...carried.headers, "x-reason": reason, "x-rejected-at": at },
  };
}

/** The minimum for a message whose properties cannot be sent in the form above. */
export function bareDeadLetterProperties(
  message: ConsumeMessage,
  { reason, at }: { reason: string; at: string },
): Options.Publish {
  return {
    persistent: true,
    messageId: messageIdOf(message) ?? idOfDelivery(message),
    headers: {
      [LEFT_OUT_HEADER]: "all other properties and headers",
      "x-reason": reason,
      "x-rejected-at": at,
    },
  };
}

function idOfDelivery({ content, fields: { consumerTag = "", deliveryTag } }: ConsumeMessage): string {
  return digest([consumerTag, deliveryTag], content);
}

/** The properties of a dead letter that is replayed to billing: the same id, the same trace, and who replayed it and why. */
export function replayProperties(message: Message, replay: Replay): Options.Publish {
  const { properties } = message;
  const headers = Object.entries(properties.headers ?? {}).filter(([name]) => !OF_THE_DEAD.test(name));
  const carried = carriedOn({ ...properties, headers: Object.fromEntries(headers) }, FIRST);
  return {
    ...carried,
    persistent: true,
    messageId: deadLetterId(message),
    headers: {
      ...carried.headers,
      ...(replay.traceparent !== undefined && { traceparent: replay.traceparent }),
      published_at: replay.at,
      ...replayHeaders(replay, properties.headers ?? {}),
    },
  };
}

/** The replay headers for a message that already has these headers (RabbitMQ) or attributes (SQS). */
export function replayHeaders({ run, by, why, at }: Replay, before: object): z.output<typeof ReplayHeaders> {
  const { replays } = replaysOf(before);
  return {
    "x-replays": replays + 1,
    "x-replay-run": run,
    "x-replayed-by": by,
    "x-replayed-at": at,
    "x-replay-why": why,
  };
}

/** How often a message with these headers was replayed, and its last replay. */
export function replaysOf(headers: object): { replays: number; lastReplay?: Partial<Replay> } {
  const { "x-replays": replays = 0, ...last } = ReplayHeaders.parse(headers);
  if (replays === 0) return { replays };
  const lastReplay = {
    run: last["x-replay-run"],
    by: last["x-replayed-by"],
    why: last["x-replay-why"],
    at: last["x-replayed-at"],
  };
  return { replays, lastReplay };
}

/**
 * The id by which an operator names a dead letter, and the message id of its replay. A message that never had an id,
 * because it was published there without billing, gets a digest of everything in it: the same however often it is
 * replayed.
 */
export function deadLetterId({ content, properties }: Message): string {
  const { correlationId, timestamp, headers } = properties;
  return (
    messageIdOf({ content, properties }) ?? digest([correlationId, timestamp, headers?.["x-death"]], content)
  );
}

/** Why and since when a message is a dead letter, as far as its headers say so. */
export function causeOf({ properties }: Message): { cause: string; since: string | undefined } {
  const headers = DeadLetterHeaders.parse(properties.headers ?? {});
  const [death] = BrokerDeaths.safeParse(properties.headers ?? {}).data?.["x-death"] ?? [];
  const since =
    headers["x-rejected-at"] ?? (death && toIso(death.time.value)) ?? headers.accepted_at ?? undefined;
  const shown = (cause: string) => cause.slice(0, CAUSE_CHARACTERS_MAX).toWellFormed();
  if (headers["x-reason"] !== undefined) return { cause: shown(headers["x-reason"]), since };
  if (death !== undefined) return { cause: shown(`RabbitMQ gave it up: ${death.reason}.`), since };
  return { cause: "No reason was recorded.", since };
}

function digest(parts: readonly unknown[], content: Buffer): string {
  return createHash("sha256").update(JSON.stringify(parts)).update(content).digest("base64url").slice(0, 40);
}

function toIso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
