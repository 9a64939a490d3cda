import * as z from "zod";
import { LoggedErrorLine, loggedError } from "./logged-error.ts";
import { FIELDS_MAX, LIST_MAX, TEXT_MAX, toText } from "./logged-text.ts";
import { activeIds } from "./telemetry/trace.ts";

/** The schema of each kind of field. */
const KINDS = {
  text: z.string().max(TEXT_MAX),
  texts: z.array(z.string().max(TEXT_MAX)).max(LIST_MAX),
  number: z.number(),
  flag: z.boolean(),
  error: LoggedErrorLine,
} as const;
type Kind = keyof typeof KINDS;

/**
 * Every field that a line may have besides the four that each line has. Other fields are never written: that keeps
 * callers' data, and whatever libraries attach to their objects, out of the logs. It is one list for all packages: the
 * readers of logs must know every field, a name must have the same kind in every log, and a review must see each new one.
 */
export const LOG_FIELDS = {
  trace_id: ["text", "the trace that the line belongs to (W3C, 32 hex digits)"],
  span_id: ["text", "the step of that trace (16 hex digits)"],
  order_id: ["text", "the order that the line is about"],
  import_id: ["text", "the import that the line is about"],
  chunk: ["number", "the chunk of that import"],
  rows: ["number", "the movies of that chunk"],
  lane: ["text", "the lane of that order: `standard` or `priority`"],
  err: ["error", "the failure: type, message, code, frames and causes, without the error's other properties"],
  reason: ["text", "why an order or a token was refused, an import failed, or a receiver has no event"],
  outcome: ["text", "the outcome of the order: `recorded` or `repeated`"],
  seconds: ["number", "from the order's acceptance to its row"],
  receives: ["number", "how often SQS has delivered the order, including this time"],
  failed: ["number", "orders of a batch that RabbitMQ did not accept"],
  of: ["number", "orders in that batch"],
  messages: ["number", "messages of a batch that is delivered again as a whole"],
  method: ["text", "the request's method"],
  path: ["text", "the request's path, without its query"],
  request_id: [
    "text",
    "the request's or the invocation's id at AWS; at the laptop's gateway the one that `apigw-requestid` names",
  ],
  signal: ["text", "the signal that stops the process"],
  port: ["number", "the port on which the process listens"],
  noun: ["text", "the service whose tables were created"],
  epoch: ["number", "how often the lead of the sweep was taken, with this time"],
  sweep: ["text", "the sweep that failed"],
  queue_url: ["text", "the queue that is polled or offered"],
  dead_letters_url: ["text", "the queue behind it"],
  bucket_url: ["text", "the laptop's stand-in for S3"],
  issuer: ["text", "the issuer of the laptop's tokens"],
  interval_seconds: ["number", "the time between two checks of the laptop's status probe"],
  state: ["text", "the platform as a whole: `degraded` or `down`"],
  unwell: ["texts", "the components that are not up, each with its state"],
  action: [
    "text",
    "the action on a dead letter (`replay` or `drop`), or on what is kept of a person (`export` or `erase`)",
  ],
  queue: ["text", "the queue of the dead letter or of the event"],
  message_id: ["text", "the id of its message, or of the event that a webhook is told of"],
  webhook: ["text", "the webhook that the line is about"],
  attempt: ["number", "how often the event has been sent to it, including this time"],
  cause: ["text", "why it was dead-lettered"],
  by: ["text", "the operator, as they stated it"],
  why: ["text", "the reason, as the operator stated it"],
  since: ["text", "when the ledger began (ISO 8601)"],
  accepted: ["number", "orders accepted since then"],
  recorded: ["number", "orders recorded since then"],
  rejected: ["number", "orders rejected since then"],
  in_flight: [
    "number",
    "open orders on their way; absent, like the next field, when a part could not be asked",
  ],
  unaccounted: ["number", "open orders that were found in no place"],
  waiting: ["number", "open orders; messages where the youngest orders were too many to read"],
  oldest_seconds: ["number", "the age of the oldest of them"],
  in_dead_letters: ["number", "messages in the dead-letter queue of SQS"],
  in_sqs: ["number", "messages in SQS"],
  in_broker: ["number", "messages in the queues of both lanes in RabbitMQ"],
  in_billing: ["number", "messages that billing holds"],
  consumers: ["number", "processes that consume `billing_queue`"],
  stalled_checks: ["number", "consecutive checks in which billing settled no waiting order"],
  is_journal_read: ["flag", "whether the gateway's log was read up to the last two minutes"],
  late: ["texts", "the ids of the first late orders, when some are unaccounted for"],
} as const satisfies Record<string, readonly [Kind, string]>;

type LogField = keyof typeof LOG_FIELDS;
const NAMES = Object.keys(LOG_FIELDS) as LogField[];

interface Values {
  text: string | undefined;
  texts: readonly string[] | undefined;
  number: number | undefined;
  flag: boolean | undefined;
  /** The thrown value; `loggedError` writes only the safe parts of it. */
  error: unknown;
}

/** The fields of a log call. */
export type LogFields = { readonly [Name in LogField]?: Values[(typeof LOG_FIELDS)[Name][0]] };

/** Refuses unknown fields also when they come in a variable, where TypeScript does not check for excess properties. */
type Known<F> = F & { readonly [Name in Exclude<keyof F, LogField>]: never };

export interface LogCall {
  (message: string): void;
  <F extends LogFields>(fields: Known<F>, message: string): void;
}

export const LEVELS = ["debug", "info", "warn", "error", "fatal"] as const;

/** One line of any log of this project. */
export const LogLine = z.strictObject({
  level: z.enum(LEVELS),
  time: z.iso.datetime({ precision: 3 }),
  service: z.string().min(1),
  message: KINDS.text,
  ...(Object.fromEntries(NAMES.map((name) => [name, schemaOf(name).optional()])) as {
    [Name in LogField]: z.ZodOptional<(typeof KINDS)[(typeof LOG_FIELDS)[Name][0]]>;
  }),
});
export type LogLine = z.output<typeof LogLine>;

function schemaOf(name: LogField) {
  const [kind, meaning] = LOG_FIELDS[name];
  return KINDS[kind].meta({ description: meaning });
}

function namesIn(fields: object): LogField[] {
  try {
    return Object.keys(fields).filter((name): name is LogField => Object.hasOwn(LOG_FIELDS, name));
  } catch {
    return [];
  }
}

/** The known fields, each of its declared type and cut to its bound. Never throws: a field that cannot be read is left out. */
export function allowedFields(fields: unknown): LogFields {
  if (typeof fields !== "object" || fields === null) return {};
  if (fields instanceof Error) return { err: loggedError(fields) };
  const allowed: Partial<Record<LogField, unknown>> = {};
  let left = FIELDS_MAX;
  const cut = (value: string) => {
    const text = toText(value, Math.min(TEXT_MAX, left));
    left -= text.length;
    return text;
  };
  for (const name of namesIn(fields)) {
    try {
      const value = toKind(LOG_FIELDS[name][0], (fields as Record<string, unknown>)[name], cut);
      if (value !== undefined) allowed[name] = value;
    } catch {}
  }
  return allowed as LogFields;
}

function toKind(kind: Kind, value: unknown, cut: (value: string) => string): unknown {
  if (kind === "error") return value === undefined ? undefined : loggedError(value);
  if (kind === "text") return typeof value === "string" ? cut(value) : undefined;
  if (kind === "number") return Number.isFinite(value) ? value : undefined;
  if (kind === "flag") return typeof value === "boolean" ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  const texts = value.slice(0, LIST_MAX).filter((one) => typeof one === "string");
  return texts.map(cut);
}

/** The line of a log call, whatever the call passes. */
export function lineOf(level: (typeof LEVELS)[number], service: string, args: readonly unknown[]): string {
  const [fields, message] = typeof args[0] === "string" ? [{}, args[0]] : args;
  const line = {
    level,
    time: new Date().toISOString(),
    service,
    ...allowedFields(activeIds()),
    ...allowedFields(fields),
    message: toText(typeof message === "string" ? message : ""),
  };
  return `${escapeLineEnds(JSON.stringify(line))}\n`;
}

/**
 * JSON may contain characters that some readers take for a line end (U+2028, U+2029, NEL) and some terminals for a
 * command (C1).
 */
function escapeLineEnds(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
