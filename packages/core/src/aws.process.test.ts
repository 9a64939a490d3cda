import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type AwsCall, AwsError, openAws } from "./aws.ts";

interface Asked {
  request: IncomingMessage;
  body: string;
}
type Answer = (response: ServerResponse) => void;

const servers: Server[] = [];
let asked: Asked[];
/** One for each request; the last one stays. */
let answers: Answer[];
let sqs: AwsCall;

const answering =
  (status: number, content: unknown): Answer =>
  (response) =>
    response.writeHead(status).end(typeof content === "string" ? content : JSON.stringify(content));
const hangingUp: Answer = (response) => response.socket?.resetAndDestroy();

async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  asked = [];
  answers = [answering(200, { MessageId: "1" })];
  const url = await serve(async (request, response) => {
    asked.push({ request, body: await text(request) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(response);
  });
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKID");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a secret");
  sqs = open(`${url}/000000000000/orders`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

function open(url: string): AwsCall {
  return openAws({ id: "SQS", signingName: "sqs", target: "AmazonSQS", version: "1.0", url });
}

const sha256 = (content: string) => createHash("sha256").update(content).digest("hex");
const hmac = (key: string | Buffer, content: string) => createHmac("sha256", key).update(content).digest();

/** The signature that AWS would compute of a request (IAM user guide, "Create a signed AWS API request"). */
function signatureOf({ request, body }: Asked, secret: string): string {
  const { headers, method } = request;
  const [, scope = "", names = ""] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(String(headers.authorization)) ?? [];
  const canonicalHeaders = names.split(";").map((name) => `${name}:${headers[name]}\n`);
  const canonical = [method, request.url, "", canonicalHeaders.join(""), names, sha256(body)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  return hmac(key, toSign).toString("hex");
}

function signedBy(secret: string) {
  const [one] = asked;
  if (one === undefined) throw new Error("nothing was asked");
  expect(one.request.headers.authorization).toContain(`Signature=${signatureOf(one, secret)}`);
  return one.request.headers;
}

describe("a call", () => {
  test("is signed as AWS expects, over its host, target and body", async () => {
    const input = { QueueUrl: "orders", MessageBody: "é" };
    expect(await sqs("SendMessage", input)).toEqual({ MessageId: "1" });
    expect(asked[0]?.body).toBe(JSON.stringify(input));
    const headers = signedBy("a secret");
    expect(headers.authorization).toMatch(/Credential=AKID\/\d{8}\/eu-west-3\/sqs\/aws4_request/);
    expect(headers.authorization).toMatch(/SignedHeaders=.*host.*x-amz-target/);
    expect(headers).toMatchObject({
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "AmazonSQS.SendMessage",
    });
  });

  test("uses the credentials that the environment has at that time, and their token", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "a token");
    await sqs("SendMessage", {});
    expect(signedBy("another secret")).toMatchObject({ "x-amz-security-token": "a token" });
  });

  test("passes on the trace of Lambda, by which AWS detects loops", async () => {
    vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-1-1");
    await sqs("SendMessage", {});
    expect(signedBy("a secret")).toMatchObject({ "x-amzn-trace-id": "Root=1-1-1" });
  });

  test("uses the credentials that ECS serves to a task, asked for once, where the environment has no key", async () => {
    const credentials = {
      AccessKeyId: "TASK",
      SecretAccessKey: "a task's secret",
      Token: "a task's token",
      Expiration: "2099-01-01T00:00:00Z",
    };
    let questions = 0;
    const metadata = await serve((_, response) => {
      questions++;
      answering(questions === 1 ? 429 : 200, credentials)(response);
    });
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", metadata);
    await sqs("SendMessage", {});
    await Promise.all([sqs("SendMessage", {}), sqs("SendMessage", {})]);
    const headers = signedBy("a task's secret");
    expect(headers["x-amz-security-token"]).toBe("a task's token");
    // The first was refused. ECS throttles a task that asks at each call.
    expect(questions).toBe(2);
  });

  test("goes to the endpoint of the environment, the service's own before the common one", async () => {
    const { url = "" } = { url: await serve((_, response) => answering(200, { at: "own" })(response)) };
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    vi.stubEnv("AWS_ENDPOINT_URL_SQS", url);
    expect(await open("http://127.0.0.1:2/000000000000/orders")("SendMessage", {})).toEqual({ at: "own" });
  });

  test.each([
    ["a failure of AWS", answering(503, "<html>")],
    ["a throttled call", answering(400, { __type: "com.amazonaws.sqs#RequestThrottled", message: "slow" })],
    ["too many requests", answering(429, {})],
    ["a broken connection", hangingUp],
  ])("is repeated once after %s", async (_, failure) => {
    answers = [failure, answering(200, { MessageId: "2" })];
    expect(await sqs("SendMessage", {})).toEqual({ MessageId: "2" });
    answers = [failure];
    asked = [];
    await expect(sqs("SendMessage", {})).rejects.toThrow();
    expect(asked).toHaveLength(2);
  });

  test.each([
    [400, { __type: "com.amazonaws.sqs#QueueDoesNotExist", message: "gone" }, "QueueDoesNotExist", "gone"],
    [400, { __type: "InvalidRequestException", Message: "no" }, "InvalidRequestException", "no"],
    [403, { __type: "AccessDenied:http://internal/", message: "no" }, "AccessDenied", "no"],
    [403, "<html>", "", "HTTP 403"],
    [200, "<html>", "", "HTTP 200"],
  ])("that is answered with %i %j is refused, and not repeated", async (status, content, code, message) => {
    answers = [answering(status, content)];
    const error = await sqs("SendMessage", {}).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AwsError);
    expect(error).toMatchObject({ status, code, message });
    expect(asked).toHaveLength(1);
  });

  test("is lost after 2 s, also when the answer has begun, and is repeated once", async () => {
    answers = [(response) => void response.writeHead(200).write("{")];
    await expect(sqs("SendMessage", {})).rejects.toThrow("AWS did not answer within 2 s");
    expect(asked).toHaveLength(2);
  });

  test("uses the connection of the call before", async () => {
    await sqs("SendMessage", {});
    await sqs("SendMessage", {});
    const [one, two] = asked.map(({ request }) => request.socket.remotePort);
    expect(one).toBe(two);
  });
});
