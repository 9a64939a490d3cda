import fc from "fast-check";

/** The flags and values of a content header as encoded bytes (AMQP 0-9-1, section 4.2.6.1). */
export interface OddProperties {
  bytes: Buffer;
  messageId: Buffer | undefined;
}

const sized = (lengthBytes: number, bytes: Buffer): Buffer => {
  const size = Buffer.alloc(lengthBytes);
  size.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([size, bytes]);
};
export const short = (text: string | Buffer) => sized(1, Buffer.from(text as string));
export const long = (bytes: string | Buffer) => sized(4, Buffer.from(bytes as string));
/** A field: name, type, value. */
export const field = (name: string | Buffer, type: string, value: Buffer) =>
  Buffer.concat([short(name), Buffer.from(type), value]);
/** Properties that consist of headers alone. */
export const headersOf = (...fields: Buffer[]) =>
  Buffer.concat([Buffer.from([0x20, 0]), long(Buffer.concat(fields))]);

/** Nested tables, or nested lists. */
export function nested(type: "A" | "F", depth: number): Buffer {
  const open = type === "A" ? Buffer.from("A") : Buffer.from("\0F");
  const bytes = Buffer.alloc(depth * (open.length + 4));
  for (let level = 0, at = 0; level < depth; level++) {
    at += open.copy(bytes, at);
    at = bytes.writeUInt32BE(bytes.length - at - 4, at);
  }
  return type === "A" ? field("deep", "", bytes) : field("deep", "F", long(bytes));
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((values) => Buffer.from(values));
/** Text, Latin-1, a truncated character, or any bytes. */
const text = (maxLength: number) =>
  fc.oneof(
    fc
      .string({ unit: "grapheme", maxLength: Math.floor(maxLength / 8) })
      .map((value) => Buffer.from(value).subarray(0, maxLength)),
    fc
      .constantFrom("\xe9", "\xe9".repeat(maxLength), "\xf0\x9f", "\0", "", "\x1b[2J")
      .map((value) => Buffer.from(value, "latin1").subarray(0, maxLength)),
    bytes(maxLength),
  );
const ends = (length: number) =>
  fc.oneof(
    fc.constantFrom(0x00, 0x7f, 0x80, 0xff).map((first) => Buffer.alloc(length, 0xff).fill(first, 0, 1)),
    fc.constant(Buffer.alloc(length)),
    fc.uint8Array({ minLength: length, maxLength: length }).map((values) => Buffer.from(values)),
  );

/** Names to which RabbitMQ, this project or JavaScript gives a meaning. */
const NAMES = [
  "CC",
  "BCC",
  "x-death",
  "x-delivery-count",
  "x-first-death-queue",
  "x-first-death-reason",
  "x-stream-offset",
  "x-match",
  "x-reason",
  "x-rejected-at",
  "x-replays",
  "x-replay-run",
  "x-left-out",
  "owner",
  "traceparent",
  "accepted_at",
  "published_at",
  "__proto__",
  "constructor",
  "toString",
  "valueOf",
  "!",
  "value",
];
const name = fc.oneof(
  fc.constantFrom(...NAMES).map((value) => Buffer.from(value)),
  text(255),
);

const { value } = fc.letrec<{ value: Buffer; pairs: Buffer; values: Buffer }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    ...[..."bBt"].map((type) => ends(1).map((end) => Buffer.concat([Buffer.from(type), end]))),
    ...[..."sUu"].map((type) => ends(2).map((end) => Buffer.concat([Buffer.from(type), end]))),
    ...[..."Iif"].map((type) => ends(4).map((end) => Buffer.concat([Buffer.from(type), end]))),
    ...[..."lLdT"].map((type) => ends(8).map((end) => Buffer.concat([Buffer.from(type), end]))),
    ends(5).map((end) => Buffer.concat([Buffer.from("D"), end])),
    fc.constant(Buffer.from("V")),
    text(300).map((value) => Buffer.concat([Buffer.from("S"), long(value)])),
    bytes(300).map((value) => Buffer.concat([Buffer.from("x"), long(value)])),
    fc
      .constantFrom(20_000, 33_000, 65_400)
      .map((length) => Buffer.concat([Buffer.from("S"), long("x".repeat(length))])),
    tie("pairs").map((value) => Buffer.concat([Buffer.from("F"), long(value)])),
    tie("values").map((value) => Buffer.concat([Buffer.from("A"), long(value)])),
  ),
  pairs: fc
    .array(fc.tuple(name, tie("value")), { maxLength: 3 })
    .map((pairs) => Buffer.concat(pairs.map(([key, value]) => field(key, "", value as Buffer)))),
  values: fc.array(tie("value"), { maxLength: 3 }).map((values) => Buffer.concat(values as Buffer[])),
}));
const addresses = fc
  .array(fc.constantFrom("billing_queue", "billing_dead_letters", "elsewhere"), { maxLength: 3 })
  .map((queues) => Buffer.concat(queues.map((queue) => Buffer.concat([Buffer.from("S"), long(queue)]))));
const headers = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.tuple(name, value).map(([key, bytes]) => field(key, "", bytes)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom("CC", "BCC"), addresses)
          .map(([key, list]) => field(key, "A", long(list))),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom<"A" | "F">("A", "F"), fc.constantFrom(9, 500, 2_000, 5_000))
          .map(([type, depth]) => nested(type, depth)),
      },
    ),
    { maxLength: 4 },
  )
  .map((fields) => long(Buffer.concat(fields)));

const shortText = text(255).map(short);
/** In the order of their flags; the first is the highest bit. */
const PROPERTIES = {
  contentType: shortText,
  contentEncoding: shortText,
  headers,
  deliveryMode: ends(1),
  priority: ends(1),
  correlationId: shortText,
  replyTo: fc.constantFrom("", "elsewhere", "amq.rabbitmq.reply-to").map(short),
  expiration: fc.constantFrom("0", "1", "60000", "4294967295").map(short),
  messageId: shortText,
  timestamp: ends(8),
  type: shortText,
  userId: fc.constantFrom("", "guest").map(short),
  appId: shortText,
  clusterId: shortText,
};

/** Every field type and every property, also at its limits. The broker refuses some of them. */
export const oddProperties: fc.Arbitrary<OddProperties> = fc
  .record(PROPERTIES, { requiredKeys: [] })
  .map((given) => {
    let flags = 0;
    const values: Buffer[] = [];
    for (const [index, key] of (Object.keys(PROPERTIES) as (keyof typeof PROPERTIES)[]).entries()) {
      const bytes = given[key];
      if (bytes === undefined) continue;
      flags |= 0x8000 >> index;
      values.push(bytes);
    }
    return {
      bytes: Buffer.concat([Buffer.from([flags >> 8, flags & 0xff]), ...values]),
      messageId: given.messageId?.subarray(1),
    };
  });
