import type { Message, Protocol } from "./message-cutter.ts";

// Frame formats: AMQP 0-9-1, sections 2.3 and 4.2.

export const [METHOD, HEADER, BODY] = [1, 2, 3];
const FRAME_END = 0xce;
export const FRAME_OVERHEAD = 8;
/** `AMQP` and a version, before a client's first frame. */
const PROTOCOL_HEADER_BYTES = 8;

const METHODS: Record<string, string> = {
  "10.10": "connection.start",
  "10.11": "connection.start-ok",
  "10.30": "connection.tune",
  "10.31": "connection.tune-ok",
  "10.40": "connection.open",
  "10.41": "connection.open-ok",
  "10.50": "connection.close",
  "10.51": "connection.close-ok",
  "20.10": "channel.open",
  "20.11": "channel.open-ok",
  "20.40": "channel.close",
  "20.41": "channel.close-ok",
  "40.10": "exchange.declare",
  "40.11": "exchange.declare-ok",
  "50.10": "queue.declare",
  "50.11": "queue.declare-ok",
  "50.20": "queue.bind",
  "50.21": "queue.bind-ok",
  "60.10": "basic.qos",
  "60.11": "basic.qos-ok",
  "60.20": "basic.consume",
  "60.21": "basic.consume-ok",
  "60.30": "basic.cancel",
  "60.31": "basic.cancel-ok",
  "60.40": "basic.publish",
  "60.60": "basic.deliver",
  "60.70": "basic.get",
  "60.71": "basic.get-ok",
  "60.72": "basic.get-empty",
  "60.80": "basic.ack",
  "60.120": "basic.nack",
  "85.10": "confirm.select",
  "85.11": "confirm.select-ok",
};

/** The first frame of `bytes`; undefined until all of it has arrived. */
export function firstFrame(bytes: Buffer): Buffer | undefined {
  if (bytes.length < FRAME_OVERHEAD) return undefined;
  const end = bytes.readUInt32BE(3) + FRAME_OVERHEAD;
  return bytes.length < end ? undefined : bytes.subarray(0, end);
}

export function methodIn(frame: Buffer): string {
  return `${frame.readUInt16BE(7)}.${frame.readUInt16BE(9)}`;
}

function nameOf(frame: Buffer): string {
  if (frame[0] === HEADER) return "header";
  if (frame[0] === BODY) return "body";
  if (frame[0] !== METHOD) return "heartbeat";
  return METHODS[methodIn(frame)] ?? methodIn(frame);
}

export const amqpFrames: Protocol = {
  messagesOf() {
    const rest = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
    let hasStarted = false;

    function next(from: "client" | "server", bytes: Buffer): Message | undefined {
      if (from === "client" && !hasStarted) {
        if (bytes.length < PROTOCOL_HEADER_BYTES) return undefined;
        hasStarted = true;
        return { name: "> protocol header", bytes: bytes.subarray(0, PROTOCOL_HEADER_BYTES) };
      }
      const frame = firstFrame(bytes);
      return frame && { name: `${from === "client" ? ">" : "<"} ${nameOf(frame)}`, bytes: frame };
    }

    return (from, chunk) => {
      const messages: Message[] = [];
      rest[from] = Buffer.concat([rest[from], chunk]);
      for (let message = next(from, rest[from]); message; message = next(from, rest[from])) {
        messages.push(message);
        rest[from] = rest[from].subarray(message.bytes.length);
      }
      return messages;
    };
  },
  fatalError: (code) =>
    toFrame(
      METHOD,
      0,
      Buffer.concat([methodId("10.50"), uint(2, Number(code)), short("the broker goes away"), uint(4, 0)]),
    ),
};

export function toFrame(type: number, channel: number, payload: Buffer): Buffer {
  return Buffer.concat([
    uint(1, type),
    uint(2, channel),
    uint(4, payload.length),
    payload,
    uint(1, FRAME_END),
  ]);
}

export function methodId(method: string): Buffer {
  return Buffer.concat(method.split(".").map((part) => uint(2, Number(part))));
}

export function uint(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, Math.max(0, bytes - 6), Math.min(bytes, 6));
  return buffer;
}

export function short(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint(1, bytes.length), bytes]);
}
