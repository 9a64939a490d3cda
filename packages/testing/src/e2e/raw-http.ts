import { connect } from "node:net";
import { inject } from "vitest";
import { type Answer, toAnswer } from "./client.ts";

/** Every request is shorter: a client without an answer by then never gets one. */
const HANG_MS = 10_000;

interface RawOptions {
  /** Closes the client's side of the connection before the answer. */
  end?: boolean;
  /** Another server than the gateway. */
  at?: string;
}

/** Sends requests that no HTTP client would send. The length of a `body` is not announced: the headers must say it. */
export function rawHttp(
  requestLine: string,
  headers: readonly string[] = [],
  {
    body = "",
    host = "localhost",
    ...options
  }: RawOptions & { body?: string | Uint8Array; host?: string } = {},
): Promise<Answer> {
  const lines = [requestLine, `Host: ${host}`, "Connection: close", ...headers, "", ""];
  return rawBytes(Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), Buffer.from(body)]), options);
}

/** Sends these bytes; the answer is all bytes until the server closes the connection. */
export async function rawBytes(bytes: Buffer, options: RawOptions = {}): Promise<Answer> {
  return parseResponse(await converse(bytes, options));
}

/** The same, split into all answers on the connection. */
export async function rawAnswers(bytes: Buffer, options: RawOptions = {}): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let rest = await converse(bytes, options); rest.length > 0; ) {
    const [head = ""] = rest.split("\r\n\r\n", 1);
    const [, length = "0"] = /^content-length: (\d+)$/im.exec(head) ?? [];
    const end = head.length + 4 + Number(length);
    answers.push(parseResponse(rest.slice(0, end)));
    rest = rest.slice(end);
  }
  return answers;
}

async function converse(
  bytes: Buffer,
  { end = false, at = inject("gatewayUrl") }: RawOptions,
): Promise<string> {
  const { hostname, port } = new URL(at);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect({ host: hostname, port: Number(port) });
  socket
    .setTimeout(HANG_MS, () => socket.destroy(new Error("the connection stays open without an answer")))
    .on("data", (chunk) => chunks.push(chunk))
    .on("close", () => resolve(Buffer.concat(chunks).toString()))
    .on("error", (error: NodeJS.ErrnoException) => {
      // The server need not read the rest of a request that it has refused.
      if (!["EPIPE", "ECONNRESET"].includes(error.code ?? "")) reject(error);
    })
    .write(bytes);
  if (end) socket.end();
  return promise;
}

function parseResponse(response: string): Answer {
  const [head = "", ...body] = response.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine) ?? [];
  if (status === undefined) throw new Error(`This is not an HTTP response: ${JSON.stringify(response)}`);
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const [name = "", ...value] = line.split(":");
      return [name, value.join(":").trim()];
    }),
  );
  return toAnswer(Number(status), headers, body.join("\r\n\r\n"));
}
