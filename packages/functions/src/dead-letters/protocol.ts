import * as z from "zod";

export const QUEUE_NAMES = ["orders", "billing"] as const;
/** `orders`: SQS, where an order ends that RabbitMQ would not take. `billing`: RabbitMQ, where billing lays aside what it cannot record. */
export const QueueName = z.enum(QUEUE_NAMES);
export type QueueName = z.output<typeof QueueName>;

/** Most letters of a queue that one request looks at and puts back. */
export const LOOK_MAX = 1_000;
/** Far under what billing records in a second, so that live orders come first. */
export const RATE_DEFAULT = 50;
export const RATE_MAX = 1_000;

const one = z.string().min(1).max(300);
const sentence = z.string().trim().min(1).max(500);

/** Which letters: these, those whose cause contains a text in any case, or all. */
export const Selection = z.union([
  z.strictObject({ ids: z.array(one).min(1).max(LOOK_MAX) }),
  z.strictObject({ cause: sentence }),
  z.strictObject({ all: z.literal(true) }),
]);
export type Selection = z.output<typeof Selection>;

/** Who does it and why, for the record, which believes it: what IAM knows of the caller reaches no function. */
const onTheRecord = { by: sentence, why: sentence };

/** What the function is asked, and the laptop's command line too. A request does what it can in some seconds; the next goes on from there. */
export const DeadLettersRequest = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("list"), queue: QueueName }),
  z.strictObject({ action: z.literal("show"), queue: QueueName, id: one }),
  z.strictObject({
    action: z.literal("replay"),
    queue: QueueName,
    select: Selection,
    ...onTheRecord,
    /** One for all requests of a replay. */
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
  /** The message id, which it keeps when it is replayed; for an order of ours the order id. */
  id: z.string(),
  /** The id under which billing records it, or would. */
  orderId: z.string(),
  cause: z.string(),
  /** ISO 8601: when it was laid aside, or at the latest known moment before. */
  since: z.string().optional(),
  /** How often the dead-letter queue has handed it out: once for each look, and this one is counted. */
  deliveries: z.number(),
  /** False for an order of ours of which nothing but this letter is left. */
  isDroppable: z.boolean(),
});
export type LetterSummary = z.output<typeof LetterSummary>;

export const Letter = LetterSummary.extend({
  /** Its beginning, when it is long. */
  body: z.string(),
  /** How long all of it is, before any encoding. */
  bodyBytes: z.number(),
  bodyEncoding: z.enum(["utf8", "base64"]),
  owner: z.string().optional(),
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

/** How far a request has come over its queue. */
const Walked = z.object({ looked: z.number(), total: z.number() });

export const ListAnswer = Walked.extend({ letters: z.array(LetterSummary) });
export type ListAnswer = z.output<typeof ListAnswer>;
export const ShowAnswer = Walked.extend({ letters: z.array(Letter) });
export type ShowAnswer = z.output<typeof ShowAnswer>;
export const ChangeAnswer = Walked.extend({
  /** Ids of those that were replayed or dropped. */
  done: z.array(z.string()),
  /** Ids of those that may not be dropped. */
  refused: z.array(z.string()),
  /** False when time was up, and another request has to go on. */
  isComplete: z.boolean(),
});
export type ChangeAnswer = z.output<typeof ChangeAnswer>;

/** Whether a selection names this letter. */
export function isSelected(select: Selection, { id, cause }: Pick<LetterSummary, "id" | "cause">): boolean {
  if ("ids" in select) return select.ids.includes(id);
  if ("cause" in select) return cause.toLowerCase().includes(select.cause.toLowerCase());
  return true;
}
