import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createLog } from "@cloud-design/core/log";
import { expect, test } from "vitest";
import { openOrdersQueue } from "../shared/orders-queue.ts";
import { createApp } from "./app.ts";

/** A server that accepts requests, never answers, and counts them. */
async function silent() {
  const counts = { requests: 0 };
  const server = createServer((socket) => {
    socket.once("data", () => counts.requests++).on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return { counts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const claims = { sub: "ann", token_use: "access", scope: "movies.read orders.write" };
const env = { event: { requestContext: { authorizer: { jwt: { claims } } } } };

async function gateway(inventoryUrl: string, queueUrl: string) {
  process.env.AWS_REGION = "eu-west-3";
  process.env.AWS_ACCESS_KEY_ID = "local";
  process.env.AWS_SECRET_ACCESS_KEY = "local";
  process.env.AWS_ENDPOINT_URL_SQS = new URL(queueUrl).origin;
  return createApp({
    inventoryUrl,
    billingUrl: inventoryUrl,
    siteUrl: "https://docs.example",
    orderIdSecret: "a secret of thirty-two characters",
    queue: openOrdersQueue({ standard: queueUrl, priority: queueUrl }),
    log: createLog("test"),
  });
}

// Inner time-outs end first: the test's own is the Lambda's 10 s, after which API Gateway would answer instead of the
// gateway.
const LAMBDA = { timeout: 10_000 };

test.concurrent(
  "a silent inventory gets two requests, and the answer is 503 before the Lambda's time-out",
  LAMBDA,
  async () => {
    const inventory = await silent();
    const app = await gateway(inventory.url, "http://127.0.0.1:1/000000000000/orders");
    const response = await app.request("/api/movies", { headers: { authorization: "Bearer abc" } }, env);
    expect([response.status, inventory.counts.requests]).toEqual([503, 2]);
  },
);

test.concurrent(
  "a silent SQS gets two requests, and the answer is 503 before the Lambda's time-out",
  LAMBDA,
  async () => {
    const sqs = await silent();
    const app = await gateway("http://127.0.0.1:1", `${sqs.url}/000000000000/orders`);
    const body = JSON.stringify({ user_id: 1, number_of_items: 1, total_amount: 1 });
    const headers = { authorization: "Bearer abc", "content-type": "application/json" };
    const response = await app.request("/api/billing", { method: "POST", body, headers }, env);
    expect([response.status, sqs.counts.requests]).toEqual([503, 2]);
  },
);
