import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createServerIdentity } from "@cloud-design/core/certificate";
import { describe, expect, test, vi } from "vitest";
import { listen } from "./listen.ts";

const LOOPBACK = { port: 0, host: "127.0.0.1", siteUrl: "https://docs.example" };

/** The server's answer to these bytes, until it closes the connection. */
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
  ["malformed HTTP", "GARBAGE\r\n\r\n"],
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

test("an idle connection is kept for longer than the load balancer's 60 s", async () => {
  const server = await listen(() => new Response("hello"), LOOPBACK);
  const response = await fetch(`http://127.0.0.1:${server.port}`);
  expect(response.headers.get("keep-alive")).toBe("timeout=65");
  await server.close(1);
});

test("closing lets a request in flight finish and accepts no new one", async () => {
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

test("closing cuts requests that have not finished at its deadline", async () => {
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

test("listening on a taken port rejects", async () => {
  const first = await listen(() => new Response("hello"), LOOPBACK);
  await expect(listen(() => new Response("hello"), { ...LOOPBACK, port: first.port })).rejects.toThrow(
    "EADDRINUSE",
  );
  await first.close(1);
});

describe("with a certificate", () => {
  const [from, until] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000)) as [Date, Date];
  const identity = async () =>
    createServerIdentity({ commonName: "task", names: ["localhost"], from, until });
  /** Like the load balancer: it encrypts, and accepts any certificate. */
  const encrypted = (port: number, path = "/") =>
    request({ host: "127.0.0.1", port, path, agent: false, rejectUnauthorized: false }).end();

  test("a service speaks HTTPS and drains as over HTTP", async () => {
    const { promise: release, resolve: finish } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    const answer = async () => {
      arrive();
      await release;
      return new Response("done");
    };
    const server = await listen(answer, { ...LOOPBACK, identity });
    const underWay = encrypted(server.port);
    await arrived;
    const closed = server.close(60);
    finish();
    const [response] = await once(underWay, "response");
    expect([await text(response), response.headers.connection]).toEqual(["done", "close"]);
    await closed;
  });

  test("a service does not start when it cannot be read", async () => {
    const missing = () => Promise.reject(new Error("no secret"));
    await expect(listen(() => new Response("hello"), { ...LOOPBACK, identity: missing })).rejects.toThrow(
      "no secret",
    );
  });

  test("a long-running service uses a renewed certificate after a day, and keeps the old one when it cannot read it", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    const shown: string[] = [];
    let made = 0;
    const next = async () => {
      made++;
      if (made === 3) throw new Error("not now");
      return createServerIdentity({ commonName: `${made}`, names: ["localhost"], from, until });
    };
    const server = await listen(() => new Response("hello"), { ...LOOPBACK, identity: next });
    const look = async () => {
      const [response] = await once(encrypted(server.port), "response");
      shown.push(response.socket.getPeerCertificate().subject.CN);
      response.resume();
    };
    await look();
    for (let day = 1; day <= 3; day++) {
      await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1_000);
      await look();
    }
    vi.useRealTimers();
    expect(shown).toEqual(["1", "2", "2", "4"]);
    await server.close(1);
  });
});
