import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import {
  BODY,
  FRAME_OVERHEAD,
  firstFrame,
  HEADER,
  METHOD,
  methodId,
  methodIn,
  short,
  toFrame,
  uint,
} from "./amqp-frames.ts";

const CONNECTION_CLOSE = "10.50";
const CHANNEL_CLOSE = "20.40";
const ACK = "60.80";

/** Publishes bytes that a client library would not encode. AMQP 0-9-1, sections 2.3 and 4.2. */
export interface RawBroker {
  /**
   * Sends `properties` (flags and values) unchanged. Resolves with `confirmed`, or with the broker's reason for closing
   * the channel or connection; the next message then needs another `RawBroker`.
   */
  publish(queue: string, properties: Buffer, body: Buffer): Promise<string>;
  close(): void;
}

export async function openRawBroker(url: string): Promise<RawBroker> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  socket.on("error", () => {});
  await once(socket, "connect");
  const frames = readFrames(socket);
  const answer = async (expected: string) => {
    const frame = await nextMethod(frames);
    if (frame.method !== expected) throw new Error(`Expected ${expected}; the broker says ${said(frame)}`);
    return frame.payload;
  };
  const call = (channel: number, method: string, ...args: Buffer[]) =>
    socket.write(toFrame(METHOD, channel, Buffer.concat([methodId(method), ...args])));

  socket.write("AMQP\0\0\x09\x01", "latin1");
  await answer("10.10");
  const login = Buffer.from(`\0${decodeURIComponent(username)}\0${decodeURIComponent(password)}`);
  call(0, "10.11", uint(4, 0), short("PLAIN"), uint(4, login.length), login, short("en_US"));
  const tune = await answer("10.30");
  const frameMax = tune.readUInt32BE(6);
  // Without heartbeats: the connection is short-lived.
  call(0, "10.31", tune.subarray(4, 10), uint(2, 0));
  call(0, "10.40", short(decodeURIComponent(pathname.slice(1)) || "/"), short(""), uint(1, 0));
  await answer("10.41");
  call(1, "20.10", short(""));
  await answer("20.11");
  call(1, "85.10", uint(1, 0));
  await answer("85.11");

  return {
    async publish(queue, properties, body) {
      call(1, "60.40", uint(2, 0), short(""), short(queue), uint(1, 0));
      socket.write(
        toFrame(HEADER, 1, Buffer.concat([uint(2, 60), uint(2, 0), uint(8, body.length), properties])),
      );
      for (let at = 0; at < body.length; at += frameMax - FRAME_OVERHEAD)
        socket.write(toFrame(BODY, 1, body.subarray(at, at + frameMax - FRAME_OVERHEAD)));
      const frame = await nextMethod(frames);
      return frame.method === ACK ? "confirmed" : said(frame);
    },
    close: () => socket.destroy(),
  };
}

interface Frame {
  method: string;
  payload: Buffer;
}

async function* readFrames(socket: Socket): AsyncGenerator<Frame> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk]);
    for (let frame = firstFrame(bytes); frame; frame = firstFrame(bytes)) {
      if (frame[0] === METHOD) yield { method: methodIn(frame), payload: frame.subarray(7, -1) };
      bytes = bytes.subarray(frame.length);
    }
  }
}

async function nextMethod(frames: AsyncGenerator<Frame>): Promise<Frame> {
  const { value } = await frames.next();
  return value ?? { method: "the end of the connection", payload: Buffer.alloc(0) };
}

function said({ method, payload }: Frame): string {
  if (method !== CONNECTION_CLOSE && method !== CHANNEL_CLOSE) return method;
  return `${payload.readUInt16BE(4)} ${payload.toString("latin1", 7, 7 + payload.readUInt8(6))}`;
}
