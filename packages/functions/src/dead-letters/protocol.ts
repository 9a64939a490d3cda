import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import * as z from "zod";

export const QUEUE_NAMES = ["orders", "billing"] as const;
/**
 * `orders`: the dead letters of SQS, which RabbitMQ did not accept. `billing`: those of RabbitMQ, which billing could
 * not record.
 */
export const QueueName = z.enum(QUEUE_NAMES);
export type QueueName = z.output<typeof QueueName>;

/** Most dead letters of a queue that one request looks at and returns. */
export const LOOK_MAX = 1_000;
/** Far below billing's capacity per second, so that live orders come first. */
export const RATE_DEFAULT = 50;
export const RATE_MAX = 1_000;

const one = z.string().min(1).max(300);
const sentence = z.string().trim().min(1).max(500);

/** Which dead letters: those with these ids, those whose cause contains a text (in any case), or all. */
export const Selection = z.union([
  z.strictObject({ ids: z.array(one).min(1).max(LOOK_MAX) }),
  z.strictObject({ cause: sentence }),
  z.strictObject({ all: z.literal(true) }),
]);
export type Selection = z.output<typeof Selection>;

/** The actor and the reason of a change, as the caller states them: IAM does not pass the caller's identity to a function. */
const onTheRecord = { by: sentence, why: sentence };

/**
 * The request to the function, and to the laptop's command line. A request works for some seconds; the next one
 * continues from there.
 */
export const DeadLettersRequest = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("list"), queue: QueueName }),
  z.strictObject({ action: z.literal("show"), queue: QueueName, id: one }),
  z.strictObject({
    action: z.literal("replay"),
    queue: QueueName,
    select: Selection,
    ...onTheRecord,
    /** The same for all requests of one replay. */
    run: z.uuid(),
    ratePerSecond: z.number().min(1).max(RATE_MAX),
  }),
  z.strictObject({
    action: z.literal("drop"),
    queue: QueueName,
    select: Selection.refine((select) => !("all" in select), "must name letters or a cause"),
    ...onTheRecord,
  }),
]);
export type DeadLettersRequest = z.output<typeof DeadLettersRequest>;

/** A dead letter in a list. */
export const LetterSummary = z.object({
  /** The message id, which a replay keeps; for this platform's orders it is the order id. */
  id: z.string(),
  /** The id under which billing records it, or would. */
  orderId: z.string(),
  /** The lane that it came from, and that a replay returns it to. */
  lane: z.enum(LANE_NAMES),
  cause: z.string(),
  /** ISO 8601: when it was dead-lettered, or the latest known time before that. */
  since: z.string().optional(),
  /** How often the dead-letter queue has delivered it: once per look, including this one. */
  deliveries: z.number(),
  /** False for an order of this platform whose only remaining copy is this dead letter. */
  isDroppable: z.boolean(),
  /** `sub` of the caller who placed the order. */
  owner: z.string().optional(),
});
export type LetterSummary = z.output<typeof LetterSummary>;

export const Letter = LetterSummary.extend({
  /** The body, or the beginning of a long one. */
  body: z.string(),
  /** The size of the whole body before any encoding. */
  bodyBytes: z.number(),
  bodyEncoding: z.enum(["utf8", "base64"]),
  traceparent: z.string().optional(),
  acceptedAt: z.string().optional(),
  /** Earlier replays, and the last of them. */
  replays: z.number(),
  lastReplay: z
    .object({ run: z.string(), by: z.string(), why: z.string(), at: z.string() })
    .partial()
    .optional(),
});
export type Letter = z.output<typeof Letter>;

/** A request's progress through its queue. */
const Walked = z.object({ looked: z.number(), total: z.number() });

export const ListAnswer = Walked.extend({ letters: z.array(LetterSummary) });
export type ListAnswer = z.output<typeof ListAnswer>;
export const ShowAnswer = Walked.extend({ letters: z.array(Letter) });
export type ShowAnswer = z.output<typeof ShowAnswer>;
export const ChangeAnswer = Walked.extend({
  /** Ids of the dead letters that were replayed or dropped. */
  done: z.array(z.string()),
  /** Ids of the dead letters that must not be dropped. */
  refused: z.array(z.string()),
  /** False when the time was up and another request must continue. */
  isComplete: z.boolean(),
});
export type ChangeAnswer = z.output<typeof ChangeAnswer>;

/** Whether a selection includes this dead letter. */
export function isSelected(select: Selection, { id, cause }: Pick<LetterSummary, "id" | "cause">): boolean {
  if ("ids" in select) return select.ids.includes(id);
  if ("cause" in select) return cause.toLowerCase().includes(select.cause.toLowerCase());
  return true;
}
