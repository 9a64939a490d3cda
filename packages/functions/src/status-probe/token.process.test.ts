import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cachedToken, type TokenSource } from "./token.ts";

let server: Server;
let asked: { authorization: string | undefined; form: Record<string, string> }[];
let answer: { status: number; expiresIn: number };
let source: TokenSource;
const token = () => source.get();

beforeEach(async () => {
  asked = [];
  answer = { status: 200, expiresIn: 3_600 };
  server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    asked.push({ authorization: request.headers.authorization, form });
    response
      .writeHead(answer.status, { "content-type": "application/json" })
      .end(JSON.stringify({ access_token: `token-${asked.length}`, expires_in: answer.expiresIn }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const clientSecret = async () => "secret";
  source = cachedToken({
    tokenUrl: `http://127.0.0.1:${port}/oauth2/token`,
    clientId: "probe",
    clientSecret,
  });
});

afterEach(() => {
  vi.useRealTimers();
  server.close();
});

test("asks with the client's credentials, and only for the scopes to read", async () => {
  expect(await token()).toBe("token-1");
  expect(asked).toEqual([
    {
      authorization: `Basic ${Buffer.from("probe:secret").toString("base64")}`,
      form: { grant_type: "client_credentials", scope: "cloud-design/movies.read cloud-design/orders.read" },
    },
  ]);
});

test("gets one token and reuses it while it is valid", async () => {
  for (let turn = 0; turn < 3; turn++) expect(await token()).toBe("token-1");
  expect(asked).toHaveLength(1);
});

test("gets another before the first one expires", async () => {
  answer.expiresIn = 60;
  expect(await token()).toBe("token-1");
  expect(await token()).toBe("token-2");
});

test.each([
  ["a clock that was set back by an hour", -3_600_000],
  ["a clock that was set forward by an hour", 3_600_000],
])("gets another before the first one expires, with %s", async (_, milliseconds) => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  expect(await token()).toBe("token-1");
  vi.setSystemTime(Date.now() + milliseconds);
  vi.advanceTimersByTime(3_541_000);
  expect(await token()).toBe("token-2");
});

test("does not cache a failure", async () => {
  answer.status = 503;
  await expect(token()).rejects.toThrow("The token endpoint answered 503");
  answer.status = 200;
  expect(await token()).toBe("token-2");
});

test("gets another once this one was refused", async () => {
  expect(await token()).toBe("token-1");
  source.forget();
  expect(await token()).toBe("token-2");
});
