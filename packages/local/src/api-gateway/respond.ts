import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { problem } from "@cloud-design/http";

export async function send(answered: Response, response: ServerResponse): Promise<void> {
  const body = Buffer.from(await answered.arrayBuffer());
  const { "set-cookie": _, ...headers } = Object.fromEntries(answered.headers);
  const cookies = answered.headers.getSetCookie();
  response.writeHead(answered.status, {
    // The answer to HEAD has the length of GET's or none, never its own, and 204 has none (RFC 9110, section 8.6).
    ...((body.length > 0 || (response.req.method !== "HEAD" && answered.status !== 204)) && {
      "content-length": body.length,
    }),
    ...headers,
    ...(cookies.length > 0 && { "set-cookie": cookies }),
  });
  response.end(body);
}

/** What is no HTTP, or comes too slowly: there is no request to answer, only a connection. */
export async function refuseConnection(
  siteUrl: string,
  error: NodeJS.ErrnoException,
  socket: Socket,
): Promise<void> {
  if (!socket.writable) return void socket.destroy();
  const refused =
    error.code === "HPE_HEADER_OVERFLOW"
      ? problem(siteUrl, "headers-too-large", "The request line and the headers are larger than 10 KB.")
      : error.code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? problem(siteUrl, "invalid-request", "The request took too long to arrive.")
        : problem(siteUrl, "invalid-request", "This is not well-formed HTTP/1.1.");
  const body = await refused.text();
  const headers = [...refused.headers, ["content-length", Buffer.byteLength(body)], ["connection", "close"]];
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.end(`HTTP/1.1 ${refused.status} Refused\r\n${head}\r\n${body}`);
  // A client that does not close its side would keep the connection.
  socket.setTimeout(1_000, () => socket.destroy());
}
