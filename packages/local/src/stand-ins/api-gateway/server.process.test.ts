import { once } from "node:events";
import { Agent, request as httpRequest, type Server } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@cloud-design/core/log";
import { HttpProblem } from "@cloud-design/http";
import type { Context } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type LambdaFunction, lambdaFunction, ThrottledError } from "../lambda/lambda-function.ts";
import { drain, listen } from "../stand-in.ts";
import { createGateway } from "./server.ts";
import { type Throttling, unthrottled } from "./throttle.ts";
import type { GatewayEvent } from "./to-event.ts";

const JWT = { claims: { sub: "u-1", token_use: "access" }, scopes: ["movies.read"] };

let server: Server;
let mayPass: Throttling;
let port: number;
let handler: LambdaFunction<GatewayEvent, unknown>["handler"];
let events: { event: GatewayEvent; context: Context }[];
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };

beforeEach(async () => {
  events = [];
  mayPass = unthrottled;
  handler = async () => ({ statusCode: 200, body: "{}" });
  server = createGateway({
    routes: [
      { key: "GET /api/movies/{id}", access: "movies.read" },
      { key: "POST /api/movies", access: "movies.read" },
      { key: "GET /health/live", access: "public" },
      { key: "ANY /api/movies", access: "public" },
    ],
    mayPass: (route) => mayPass(route),
    authorize: async (authorization, access) => {
      if (access === "public") return undefined;
      if (authorization === "Bearer good") return JWT;
      throw new HttpProblem("unauthenticated", "No.", {
        headers: { "www-authenticate": 'Bearer error="invalid_token"' },
      });
    },
    invoke: lambdaFunction({
      name: "gateway",
      timeoutSeconds: 0.3,
      handler: (event, context) => {
        events.push({ event, context });
        return handler(event, context);
      },
    }),
    siteUrl: "https://docs.example",
    log: log as unknown as Log,
  });
  port = await listen(server, 0);
});

afterEach(() => drain(server, 1));

describe("the event", () => {
  it("describes a request as payload 2.0 does", async () => {
    await ask("/api/movies/a%20b?title=x&title=y%20z&q=", {
      headers: {
        Authorization: "Bearer good",
        Cookie: "a=1; b=2",
        "X-Trace": ["one", "two"],
        "User-Agent": "test",
      },
    });
    const { event, context } = last();
    expect(event).toEqual({
      version: "2.0",
      routeKey: "GET /api/movies/{id}",
      rawPath: "/api/movies/a b",
      rawQueryString: "title=x&title=y%20z&q=",
      cookies: ["a=1", "b=2"],
      headers: {
        authorization: "Bearer good",
        "x-trace": "one,two",
        "user-agent": "test",
        host: `127.0.0.1:${port}`,
        connection: "close",
      },
      queryStringParameters: { title: "x,y z", q: "" },
      pathParameters: { id: "a b" },
      isBase64Encoded: false,
      requestContext: {
        accountId: "000000000000",
        apiId: "local",
        authorizer: { jwt: JWT },
        domainName: `127.0.0.1:${port}`,
        domainPrefix: "127",
        http: {
          method: "GET",
          path: "/api/movies/a b",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test",
        },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        routeKey: "GET /api/movies/{id}",
        stage: "$default",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
    });
    expect(context.getRemainingTimeInMillis()).toBeLessThanOrEqual(300);
    expect(context.awsRequestId).not.toBe(event.requestContext.requestId);
  });

  it.each([
    ["application/json", '{"title":"Ü"}', false],
    ["application/json; charset=utf-8", "{}", false],
    ["text/plain", "hello", false],
    ["application/x-www-form-urlencoded", "a=1", true],
    ["application/problem+json", "{}", true],
    [undefined, "{}", true],
    ["application/json", Buffer.from([0x7b, 0xff, 0x7d]), true],
  ])("carries a body of type %s: %j in base64: %j", async (type, body, isBase64Encoded) => {
    await post(body, type === undefined ? {} : { "content-type": type });
    const { event } = last();
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(event.body ?? "", isBase64Encoded ? "base64" : "utf8")).toEqual(Buffer.from(body));
  });

  it("omits the authorizer, the query and the body where the request has no such thing", async () => {
    await ask("/health/live");
    expect(last().event.requestContext).not.toHaveProperty("authorizer");
    for (const name of ["body", "queryStringParameters", "pathParameters", "cookies"]) {
      expect(last().event).not.toHaveProperty(name);
    }
  });

  it("joins two Authorization headers, so that the authorizer cannot accept them as a token", async () => {
    const answer = await ask("/api/movies/1", { headers: { Authorization: ["Bearer good", "Bearer good"] } });
    expect(answer.status).toBe(401);
    expect(events).toEqual([]);
  });
});

describe("the answer", () => {
  it("is what the function returned", async () => {
    handler = async () => ({
      statusCode: 202,
      headers: { "content-type": "application/json", location: "/api/billing/orders/o-1" },
      cookies: ["a=1", "b=2"],
      body: '{"id":"o-1"}',
    });
    const answer = await ask("/health/live");
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({
      location: "/api/billing/orders/o-1",
      "set-cookie": ["a=1", "b=2"],
    });
    expect(answer.body).toBe('{"id":"o-1"}');
  });

  it.each([
    ["a path without a route", "GET", "/api/nothing", 404, "not-found"],
    ["a page, which is the site's", "GET", "/", 404, "not-found"],
    ["a known path below another", "GET", "/api/movies/1/2", 404, "not-found"],
    ["a path that is not well encoded", "GET", "/api/movies/%zz", 400, "invalid-request"],
    ["no token", "GET", "/api/movies/1", 401, "unauthenticated"],
  ])("refuses %s", async (_, method, path, status, code) => {
    const answer = await ask(path, { method });
    expectProblem(answer, status, code);
    expect(events).toEqual([]);
  });

  it("keeps the authorizer's challenge", async () => {
    expect((await ask("/api/movies/1")).headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
  });

  it("is a 500 without details when the function throws, and the log has the cause", async () => {
    handler = async () => {
      throw new Error("secret detail");
    };
    const answer = await ask("/health/live");
    expectProblem(answer, 500, "internal");
    expect(answer.body).not.toContain("secret detail");
    expect(log.error).toHaveBeenCalledWith(
      expect.objectContaining({ err: new Error("secret detail") }),
      expect.anything(),
    );
  });

  it("is a 500 when the function returns a malformed result", async () => {
    handler = async () => ({ statusCode: "abc" });
    expectProblem(await ask("/health/live"), 500, "internal");
  });

  it("is a 503 with Retry-After when the function takes too long", async () => {
    handler = () => new Promise(() => {});
    const answer = await ask("/health/live");
    expectProblem(answer, 503, "unavailable");
    expect(answer.headers["retry-after"]).toMatch(/^[2-4]$/);
  });

  it("is a 413 for more than 10 MB, also when the request gives no length", async () => {
    const large = Buffer.alloc(10 * 1024 * 1024 + 1, "x");
    expectProblem(await post(large, { "content-length": large.length }), 413, "payload-too-large");
    expectProblem(await post(large, { "transfer-encoding": "chunked" }), 413, "payload-too-large");
    expect((await post(large.subarray(1), {})).status).toBe(200);
  });

  it("reaches a client that is still sending its body", async () => {
    const body = Buffer.alloc(8 * 1024 * 1024, "x");
    for (const path of ["/api/nothing", "/api/movies/1"]) {
      const answer = await ask(path, { method: "POST" }, body);
      expect(answer.status).toBe(404);
    }
    expectProblem(await post(body, { authorization: "Bearer bad" }), 401, "unauthenticated");
  });

  it("is a 431 for headers over 10,240 bytes", async () => {
    expectProblem(
      await ask("/health/live", { headers: { "x-large": "x".repeat(10_240) } }),
      431,
      "headers-too-large",
    );
    expect((await ask("/health/live", { headers: { "x-large": "x".repeat(9_900) } })).status).toBe(200);
  });

  it.each([
    ["no HTTP at all", "hello\r\n\r\n"],
    ["TLS", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])],
    [
      "two different lengths",
      "POST /api/movies HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    ],
    [
      "a length and chunks",
      "POST /api/movies HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["no Host", "GET /health/live HTTP/1.1\r\nconnection: close\r\n\r\n"],
  ])("is a 400 for %s, and the connection ends", async (_, bytes) => {
    const text = await raw(bytes);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain("content-type: application/problem+json");
    expect(JSON.parse(text.slice(text.indexOf("\r\n\r\n"))).type).toBe(
      "https://docs.example/problems/invalid-request",
    );
    expect(events).toEqual([]);
  });

  it("has no body for HEAD, but its length", async () => {
    handler = async () => ({ statusCode: 200, body: "12345" });
    const answer = await ask("/api/movies", { method: "HEAD" });
    expect(answer.body).toBe("");
    expect(answer.headers["content-length"]).toBe("5");
  });

  it("treats a path with two slashes as a path, not as a host", async () => {
    expectProblem(await ask("//health/live"), 404, "not-found");
  });
});

describe("the drain", () => {
  it("finishes the request in flight on a kept connection, closes it, and accepts no new connection", async () => {
    const agent = new Agent({ keepAlive: true });
    await ask("/health/live", { agent });
    const gate = Promise.withResolvers<object>();
    handler = () => gate.promise;
    const inFlight = ask("/health/live", { agent });
    await expect.poll(() => events).toHaveLength(2);
    const drained = drain(server, 5);
    await expect(ask("/health/live")).rejects.toThrow("ECONNREFUSED");
    gate.resolve({ statusCode: 200, body: "done" });
    const answer = await inFlight;
    expect(answer.body).toBe("done");
    expect(answer.headers.connection).toBe("close");
    await drained;
    agent.destroy();
  });

  it("cuts off a request that does not end in time", async () => {
    handler = () => sleep(200, { statusCode: 200 });
    const inFlight = ask("/health/live");
    inFlight.catch(() => {});
    await expect.poll(() => events).toHaveLength(1);
    await drain(server, 0.05);
    await expect(inFlight).rejects.toThrow();
  });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function ask(path: string, options: object = {}, body?: string | Buffer): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest(
    { host: "127.0.0.1", port, path, agent: false, ...options },
    async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      });
    },
  );
  request.on("error", reject);
  request.end(body);
  return promise;
}

function post(body: string | Buffer, headers: object): Promise<Answer> {
  return ask("/api/movies", { method: "POST", headers: { authorization: "Bearer good", ...headers } }, body);
}

async function raw(bytes: string | Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(JSON.parse(answer.body)).toMatchObject({
    type: `https://docs.example/problems/${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
  });
}

function last(): { event: GatewayEvent; context: Context } {
  const invocation = events.at(-1);
  if (!invocation) throw new Error("the function was not invoked");
  return invocation;
}

describe("where metrics are collected", () => {
  let lines: Record<string, unknown>[];
  beforeEach(() => {
    lines = [];
    vi.stubEnv("METRICS_NAMESPACE", "cloud-design/test");
    vi.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(JSON.parse(String(line))) > 0);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
  const accessLine = () => lines.find((line) => "route" in line) ?? {};
  const metrics = () => lines.find((line) => "Count" in line) ?? {};

  it("a request is logged as one line of the access log, in which each value is a string", async () => {
    await ask("/api/movies/7?title=x", { headers: { authorization: "Bearer good" } });
    await expect
      .poll(() => accessLine())
      .toMatchObject({
        ip: "127.0.0.1",
        route: "GET /api/movies/{id}",
        path: "/api/movies/7",
        status: "200",
        authorizerError: "-",
        integrationError: "-",
        responseBytes: "2",
      });
    expect(accessLine().time).toMatch(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(accessLine().latencyMs).toMatch(/^\d+$/);
    expect(metrics()).toMatchObject({ ApiId: "local", Count: 1, "4xx": 0, "5xx": 0 });
  });

  it("a request that did not reach the function has dashes in its line", async () => {
    await ask("/api/nothing");
    await expect
      .poll(() => accessLine())
      .toMatchObject({ route: "-", status: "404", integrationLatencyMs: "-" });
    expect(metrics()).toMatchObject({ "4xx": 1, "5xx": 0 });
  });

  it("the failure of a function is named in the line and counted as 5xx", async () => {
    handler = async () => {
      throw new Error("a bug");
    };
    await ask("/health/live");
    await expect.poll(() => accessLine()).toMatchObject({ status: "500", integrationError: "Error: a bug" });
    expect(metrics()).toMatchObject({ "4xx": 0, "5xx": 1 });
  });
});

it("answers 429 without Retry-After beyond a throttle, before it looks at the token or runs the function", async () => {
  mayPass = ({ key }) => key !== "GET /api/movies/{id}";
  const { status, headers, body } = await ask("/api/movies/1");
  expect(status).toBe(429);
  expect(headers["retry-after"]).toBeUndefined();
  expect(JSON.parse(body)).toMatchObject({ type: "https://docs.example/problems/too-many-requests" });
  expect(events).toEqual([]);
  expect((await ask("/health/live")).status).toBe(200);
});

it("answers 503 with Retry-After when Lambda does not start the function", async () => {
  handler = async () => {
    throw new ThrottledError("as many run as may");
  };
  const { status, headers } = await ask("/health/live");
  expect(status).toBe(503);
  expect(headers["retry-after"]).toMatch(/^[2-4]$/);
});
