import type { ChannelModel } from "amqplib";
import { LEFT_OUT_HEADER } from "./carried.ts";

const HEADER_FRAME = 2;
/** Frame header: type, channel, size. Payload: class, weight, body size. AMQP 0-9-1, sections 4.2.3 and 4.2.6. */
const SIZE_AT = 3;
const PAYLOAD_AT = 7;
const FLAGS_AT = PAYLOAD_AT + 12;
const [CONTENT_TYPE, CONTENT_ENCODING, HEADERS] = [0x8000, 0x4000, 0x2000];

/** amqplib's internal connection, which its published types do not describe. */
interface FrameReader {
  /** Bytes that were received and not yet parsed. */
  rest: Buffer;
  /** Removes the next frame from `rest`, then decodes it. */
  recvFrame(): unknown;
}

/**
 * amqplib reads headers by recursion: tables or lists nested some 3,000 deep overflow its stack, and with it the
 * connection ends. RabbitMQ would then deliver that message to the next connection, and so on. So such headers are
 * replaced by a single header that says so.
 */
export function withReadableHeaders(model: ChannelModel): ChannelModel {
  const reader = model.connection as unknown as FrameReader;
  const receive = reader.recvFrame;
  reader.recvFrame = () => {
    const received = reader.rest;
    try {
      return receive.call(reader);
    } catch (error) {
      if (!(error instanceof RangeError) || received[0] !== HEADER_FRAME) throw error;
      reader.rest = Buffer.concat([withoutHeaders(received), reader.rest]);
      return receive.call(reader);
    }
  };
  return model;
}

/** The first frame of `bytes`, with its headers replaced. */
function withoutHeaders(bytes: Buffer): Buffer {
  const frame = bytes.subarray(0, PAYLOAD_AT + bytes.readUInt32BE(SIZE_AT) + 1);
  const flags = frame.readUInt16BE(FLAGS_AT);
  let at = FLAGS_AT + 2;
  for (const property of [CONTENT_TYPE, CONTENT_ENCODING])
    if (flags & property) at += 1 + frame.readUInt8(at);
  const after = flags & HEADERS ? at + 4 + frame.readUInt32BE(at) : at;
  const readable = Buffer.concat([frame.subarray(0, at), NOTICE, frame.subarray(after)]);
  readable.writeUInt32BE(readable.length - PAYLOAD_AT - 1, SIZE_AT);
  return readable;
}

const NOTICE = table(LEFT_OUT_HEADER, "all headers, which are too deep to be read");

/** A field table with one text field. */
function table(name: string, text: string): Buffer {
  const field = [Buffer.from([name.length]), Buffer.from(`${name}S`), sized(Buffer.from(text))];
  return sized(Buffer.concat(field));
}

function sized(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}
