import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { machineToken } from "./index.ts";

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  { expiresInSeconds: 3_600, asked: 1, how: "requests a long-lived token once" },
  {
    expiresInSeconds: 30,
    asked: 3,
    how: "requests a new token when the old one would expire during the request",
  },
])("a machine $how", async ({ expiresInSeconds, asked }) => {
  const requests: unknown[] = [];
  await using server = await issuer((authorization) => {
    requests.push(authorization);
    return { status: 200, body: { access_token: `token ${requests.length}`, expires_in: expiresInSeconds } };
  });
  const token = machineToken({ tokenUrl: server.url, clientId: "me", clientSecret: "secret" });
  await token();
  await token();
  expect(await token()).toBe(`token ${asked}`);
  expect(requests).toEqual(Array(asked).fill(`Basic ${btoa("me:secret")}`));
});

test.each([
  { how: "whose clock was set back by an hour", setMs: -3_600_000, passedMs: 3_541_000 },
  { how: "that slept for an hour", setMs: 3_600_000, passedMs: 0 },
])("a machine $how requests a new token in time", async ({ setMs, passedMs }) => {
  let count = 0;
  await using server = await issuer(() => ({
    status: 200,
    body: { access_token: `token ${++count}`, expires_in: 3_600 },
  }));
  const token = machineToken({ tokenUrl: server.url, clientId: "me", clientSecret: "secret" });
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  expect(await token()).toBe("token 1");
  vi.setSystemTime(Date.now() + setMs);
  vi.advanceTimersByTime(passedMs);
  expect(await token()).toBe("token 2");
});

test("a machine with a wrong secret gets an error that says so", async () => {
  await using server = await issuer(() => ({ status: 401, body: { error: "invalid_client" } }));
  const token = machineToken({ tokenUrl: server.url, clientId: "me", clientSecret: "wrong" });
  await expect(token()).rejects.toThrow("HTTP 401");
});

async function issuer(answer: (authorization: string | undefined) => { status: number; body: object }) {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.headers.authorization);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/oauth2/token`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
