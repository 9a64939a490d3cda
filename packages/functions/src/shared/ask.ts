import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { DeadlineError } from "@cloud-design/core/retry";

interface Question {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
  /** From the connection to the last byte of the answer. */
  seconds: number;
  /** A larger answer is given up. */
  bytesMax: number;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer<ArrayBuffer>;
}

/** The answer is larger than `bytesMax`. */
export class AnswerTooLargeError extends Error {
  override name = "AnswerTooLargeError";
}

// Imports would also read the getters of node:http, which load Node's fetch.
const http = process.getBuiltinModule("node:http");
const https = process.getBuiltinModule("node:https");
/** Idle connections end before a service or the load balancer (60 s) ends them, also by an end that a service announces. */
const KEPT = { keepAlive: true, timeout: 4_000, agentKeepAliveTimeoutBuffer: 2_000 };
const plain = new http.Agent(KEPT);
let encrypted = new https.Agent(KEPT);

/** `ask` accepts only certificates of these authorities: no other program needs to be asked by this one. */
export function trustOnly(authorities: readonly string[]): void {
  encrypted = new https.Agent({ ...KEPT, ca: [...authorities] });
}

/**
 * Asks a service once, and reads its whole answer. Node's `fetch` does the same in five times the CPU time, and adding
 * an authority for it takes as long as the rest of a function's start. Rejects when the answer does not arrive in time or
 * not to its end; the error has the code of the connection's failure, if that was the reason.
 */
export function ask(
  url: URL,
  { method = "GET", headers = {}, body, seconds, bytesMax }: Question,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const [{ request }, agent] = url.protocol === "https:" ? [https, encrypted] : [http, plain];
  const length = body && { "content-length": String(body.byteLength) };
  const asking = request(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
    void read(response, bytesMax).then((body) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    }, reject);
  });
  const late = setTimeout(
    () => asking.destroy(new DeadlineError(`${url.host} did not answer within ${seconds} s`)),
    seconds * 1_000,
  );
  asking
    .on("error", reject)
    .on("close", () => clearTimeout(late))
    .end(body);
  return promise;
}

async function read(response: IncomingMessage, bytesMax: number): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    // Leaving the loop closes the connection.
    if (size > bytesMax) throw new AnswerTooLargeError(`more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
