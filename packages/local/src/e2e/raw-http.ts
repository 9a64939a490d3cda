import { connect } from "node:net";
import { inject } from "vitest";
import { type Answer, toAnswer } from "./client.ts";

/** Sends what no HTTP client would let pass. A `body` is not announced: say so in the headers. */
export function rawHttp(
  requestLine: string,
  headers: readonly string[] = [],
  { body = "", end = false } = {},
): Promise<Answer> {
  const lines = [requestLine, "Host: localhost", "Connection: close", ...headers, "", ""];
  return rawBytes(Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), Buffer.from(body)]), { end });
}

/** Sends these bytes; the answer is what comes until the server ends the connection. `end` closes our side of it first. */
export async function rawBytes(bytes: Buffer, { end = false } = {}): Promise<Answer> {
  const { hostname, port } = new URL(inject("gatewayUrl"));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect({ host: hostname, port: Number(port) });
  socket
    .setTimeout(5_000, () => socket.destroy(new Error("the connection stays open without an answer")))
    .on("data", (chunk) => chunks.push(chunk))
    .on("close", () => resolve(Buffer.concat(chunks).toString()))
    .on("error", reject)
    .write(bytes);
  if (end) socket.end();
  return parseResponse(await promise);
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
