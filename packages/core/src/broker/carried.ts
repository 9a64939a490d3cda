import type { MessageProperties, Options } from "amqplib";

/** amqplib encodes all headers of a message into 64 KB. Half of it leaves room for headers that a program adds. */
const HEADERS_BYTES_MAX = 32 * 1_024;
/** Deeper nesting may overflow the stack of a program that reads it. */
const DEPTH_MAX = 8;
const SHORT_TEXT_BYTES_MAX = 255;
const LEFT_OUT_CHARACTERS_MAX = 1_000;

/** Lists the properties and headers that a message had and that could not be copied. */
export const LEFT_OUT_HEADER = "x-left-out";

/** RabbitMQ acts on these headers: it routes the message to further queues, or takes it for a message in a dead-letter cycle. */
const OBEYED = /^(CC|BCC|x-death|x-(first|last)-death-\w+)$/;
/** RabbitMQ sets these itself. */
const COUNTS = /^x-(delivery|acquired)-count$/;

const SHORT_TEXTS = [
  "contentType",
  "contentEncoding",
  "correlationId",
  "messageId",
  "type",
  "appId",
] as const;
/** A copy must not expire or ask for a reply; and the broker refuses a `userId` that is not the connection's own user. */
const NEVER_CARRIED = ["replyTo", "expiration", "priority", "userId", "clusterId"] as const;

/**
 * The properties and headers of a received message that can be sent on unchanged. A client can receive more than it can
 * send: larger headers, bytes that are not text, numbers that JavaScript has rounded. Their names go into the header
 * `x-left-out`. `first` names the headers that take precedence when there is not room for all.
 */
export function carriedOn(
  properties: Partial<MessageProperties>,
  first: readonly string[] = [],
): Options.Publish & { headers: Record<string, unknown> } {
  const { texts, leftOut } = carriedTexts(properties);
  const headers: [string, unknown][] = [];
  const { [LEFT_OUT_HEADER]: before, ...own } = { ...properties.headers };
  if (isShown(before)) leftOut.unshift(before);
  let room = HEADERS_BYTES_MAX;
  for (const [name, value] of firstOf(own, first)) {
    if (COUNTS.test(name) || value === undefined) continue;
    const bytes = OBEYED.test(name) ? Number.POSITIVE_INFINITY : bytesOf({ [name]: value });
    if (bytes > room) {
      leftOut.push(`header ${JSON.stringify(name)}`);
      continue;
    }
    room -= bytes;
    headers.push([name, value]);
  }
  if (leftOut.length > 0)
    headers.push([LEFT_OUT_HEADER, leftOut.join(", ").slice(0, LEFT_OUT_CHARACTERS_MAX).toWellFormed()]);
  return { ...texts, headers: Object.fromEntries(headers) };
}

export function isShortText(value: unknown): value is string {
  return typeof value === "string" && isText(value) && Buffer.byteLength(value) <= SHORT_TEXT_BYTES_MAX;
}

function carriedTexts(properties: Partial<MessageProperties>) {
  const isGiven = (name: keyof MessageProperties) => properties[name] !== undefined;
  const kept = SHORT_TEXTS.filter((name) => isShortText(properties[name]));
  const lost: string[] = [...SHORT_TEXTS, ...NEVER_CARRIED].filter(
    (name) => isGiven(name) && !kept.some((other) => other === name),
  );
  const { timestamp } = properties;
  const isTime = isCount(timestamp);
  if (!isTime && isGiven("timestamp")) lost.push("timestamp");
  const texts: Options.Publish = Object.fromEntries(kept.map((name) => [name, properties[name]]));
  return { texts: isTime ? { ...texts, timestamp } : texts, leftOut: lost.map((name) => `property ${name}`) };
}

function firstOf(headers: object, first: readonly string[]): [string, unknown][] {
  const entries = Object.entries(headers);
  const isFirst = ([name]: [string, unknown]) => first.includes(name);
  return [...entries.filter(isFirst), ...entries.filter((entry) => !isFirst(entry))];
}

/**
 * An upper bound on the encoded size in bytes; infinite for a value that cannot be encoded, or that would be encoded
 * differently than it came in.
 */
function bytesOf(value: unknown, depth = 0): number {
  if (value === null || typeof value === "boolean") return 2;
  if (typeof value === "number")
    return Number.isSafeInteger(value) || !(Number.isInteger(value) || Number.isNaN(value)) ? 9 : Infinity;
  if (typeof value === "string") return isText(value) ? 5 + Buffer.byteLength(value) : Infinity;
  if (Buffer.isBuffer(value)) return 5 + value.byteLength;
  if (typeof value !== "object" || depth > DEPTH_MAX) return Infinity;
  const deeper = (sum: number, part: unknown) => sum + bytesOf(part, depth + 1);
  if (Array.isArray(value)) return value.reduce(deeper, 5);
  // A field named `__proto__` becomes the prototype of the object that amqplib reads.
  if (Object.getPrototypeOf(value) !== Object.prototype) return Infinity;
  // amqplib's own representation of types that JavaScript lacks.
  if ("!" in value) return isTypedValue(value) ? 9 : Infinity;
  return Object.entries(value).reduce(
    (sum, [name, part]) => deeper(sum, part) + (isShortText(name) ? 1 + Buffer.byteLength(name) : Infinity),
    5,
  );
}

function isTypedValue(typed: { "!"?: unknown; value?: unknown }): boolean {
  const { "!": type, value } = typed;
  if (type === "timestamp") return isCount(value);
  if (type !== "decimal" || typeof value !== "object" || value === null) return false;
  const { places, digits } = value as { places?: unknown; digits?: unknown };
  return isCount(places) && places < 2 ** 8 && isCount(digits) && digits < 2 ** 32;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** False where amqplib read U+FFFD for bytes that were not UTF-8. */
function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\uFFFD");
}

function isShown(text: unknown): text is string {
  return typeof text === "string" && text.length <= LEFT_OUT_CHARACTERS_MAX;
}
