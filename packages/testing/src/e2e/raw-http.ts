import { connect } from "node:net";
import { inject } from "vitest";
import { type Answer, toAnswer } from "./client.ts";

/** No request takes longer: who has heard nothing by then never will. */
const HANG_MS = 10_000;

interface RawOptions {
  /** Closes our side of the connection before the answer. */
  end?: boolean;
  /** Another server than the gateway. */
  at?: string;
}

/** Sends what no HTTP client would let pass. A `body` is not announced: say so in the headers. */
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

/** Sends these bytes; the answer is what comes until the server ends the connection. */
export async function rawBytes(bytes: Buffer, options: RawOptions = {}): Promise<Answer> {
  return parseResponse(await converse(bytes, options));
}

/** The same for as many answers as there are. */
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
      // The server need not wait for the rest of what it has refused.
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
  if (status === undefined) throw new Error(`This is no HTTP response: ${JSON.stringify(response)}`);
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const [name = "", ...value] = line.split(":");
      return [name, value.join(":").trim()];
    }),
  );
  return toAnswer(Number(status), headers, body.join("\r\n\r\n"));
}
