import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { AnswerTooLargeError, ask } from "./ask.ts";

let server: Server;
afterEach(() => server.close().closeAllConnections());

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`);
}

test("an answer has status, headers and body, whatever the status", async () => {
  const url = await serve((request, response) =>
    response.writeHead(404, { "x-asked": `${request.method} ${request.url}` }).end("é"),
  );
  const { status, headers, body } = await ask(url, { method: "PUT", seconds: 5, bytesMax: 2 });
  expect([status, headers["x-asked"], body.toString()]).toEqual([404, "PUT /path?query", "é"]);
});

test.each([
  ["that does not begin", () => {}],
  ["that does not end", (_, response) => void response.writeHead(200).write("begun")],
] satisfies [string, RequestListener][])("an answer %s is given up in time", async (_, listener) => {
  const url = await serve(listener);
  await expect(ask(url, { seconds: 0.2, bytesMax: 100 })).rejects.toThrow(
    `${url.host} did not answer within 0.2 s`,
  );
});

test("an answer larger than the limit is given up, and its connection closed", async () => {
  let isClosed: Promise<unknown> | undefined;
  const url = await serve((request, response) => {
    isClosed = once(request.socket, "close");
    response.write("x".repeat(101));
  });
  await expect(ask(url, { seconds: 5, bytesMax: 100 })).rejects.toThrow(AnswerTooLargeError);
  await isClosed;
});
