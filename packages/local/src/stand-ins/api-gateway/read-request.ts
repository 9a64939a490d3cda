import type { IncomingMessage } from "node:http";
import { HttpProblem } from "@cloud-design/http";

/** The payload limit of an HTTP API. */
const BODY_BYTES_MAX = 10 * 1024 * 1024;

export function targetOf({ url = "/" }: IncomingMessage): { path: string; query: string } {
  // The client of a proxy sends the whole address (RFC 9112, section 3.2.2). Nothing in it is decoded or followed here.
  const [path = "/", ...query] = url.replace(/^https?:\/\/[^/]+/, "").split("?");
  return { path, query: query.join("?") };
}

/** Reads a body that is too large to its end as well, but discards it. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
      else chunks.length = 0;
    }
  } catch {
    throw new HttpProblem("invalid-request", "The request ended before its body did.");
  }
  if (bytes > BODY_BYTES_MAX) throw new HttpProblem("payload-too-large", "The body is larger than 10 MB.");
  return Buffer.concat(chunks);
}
