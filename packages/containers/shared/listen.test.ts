import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { listen } from "./listen.ts";

const LOOPBACK = { port: 0, host: "127.0.0.1", siteUrl: "https://docs.example" };

/** What the server says to these bytes until it closes the connection. */
async function say(port: number, bytes: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  let said = "";
  socket.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  socket.write(bytes);
  await once(socket, "close");
  return said;
}

test.each([
  ["what is no HTTP", "GARBAGE\r\n\r\n"],
  ["a request without Host", "GET / HTTP/1.1\r\n\r\n"],
  ["a Host that is a number in disguise", "GET / HTTP/1.1\r\nHost: 0X7F.1\r\nConnection: close\r\n\r\n"],
])("%s is answered with a problem", async (_, bytes) => {
  const server = await listen(() => new Response("hello"), LOOPBACK);
  const said = await say(server.port, bytes);
  expect(said).toMatch(/^HTTP\/1\.1 400 /);
  expect(said).toContain("content-type: application/problem+json");
  expect(said).toContain("https://docs.example/problems/invalid-request");
  await server.close(1);
});

test("a connection is kept for longer than the balancer's 60 s", async () => {
  const server = await listen(() => new Response("hello"), LOOPBACK);
  const response = await fetch(`http://127.0.0.1:${server.port}`);
  expect(response.headers.get("keep-alive")).toBe("timeout=65");
  await server.close(1);
});

test("closing lets a request under way finish and takes no new one", async () => {
  const { promise: release, resolve: finish } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const server = await listen(async () => {
    arrive();
    await release;
    return new Response("done");
  }, LOOPBACK);
  const url = `http://127.0.0.1:${server.port}`;
  const underWay = fetch(url);
  await arrived;
  const closed = server.close(60);
  await expect(fetch(url)).rejects.toThrow();
  finish();
  expect(await (await underWay).text()).toBe("done");
  await closed;
});

test("closing cuts what has not finished by its deadline", async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const server = await listen(() => {
    arrive();
    return new Promise<Response>(() => {});
  }, LOOPBACK);
  const underWay = fetch(`http://127.0.0.1:${server.port}`);
  underWay.catch(() => {});
  await arrived;
  await server.close(0.01);
  await expect(underWay).rejects.toThrow();
});

test("a taken port is an error, not a silent second server", async () => {
  const first = await listen(() => new Response("hello"), LOOPBACK);
  await expect(listen(() => new Response("hello"), { ...LOOPBACK, port: first.port })).rejects.toThrow(
    "EADDRINUSE",
  );
  await first.close(1);
});
