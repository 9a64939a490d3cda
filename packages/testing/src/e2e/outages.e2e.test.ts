import { randomBytes, randomUUID } from "node:crypto";
import { BILLING_QUEUE } from "@cloud-design/core/billing/queue";
import { readyIn } from "@cloud-design/core/broker";
import { expect, it } from "vitest";
import { call, expectProblem, idOf, ops, platform, SOON, stopped } from "./client.ts";
import { newUserId, ordersOfUser, untilRecorded, untilSettled, withChannel } from "./stores.ts";

const order = () => ({ user_id: String(newUserId()), number_of_items: "5", total_amount: "180" });

async function accept(body: object, headers: Record<string, string> = {}): Promise<string> {
  const answer = await call("POST", "/api/billing", { body, headers });
  expect(answer.status).toBe(200);
  return idOf(answer);
}

it("accepts orders and serves movies while billing is stopped, and records those orders afterwards", async () => {
  const recorded = await accept(order());
  await untilRecorded(recorded);
  await using billing = await stopped("billing");
  const ids = [await accept(order()), await accept(order())];
  const movie = await call("POST", "/api/movies", { body: { title: "Meanwhile", description: "" } });
  expect(movie.status).toBe(200);
  expect((await call("GET", `/api/movies/${idOf(movie)}`)).status).toBe(200);

  // The status of an order is unknown now, but its id shows its owner.
  expectProblem(await call("GET", `/api/billing/orders/${recorded}`), "unavailable");
  expectProblem(await call("GET", `/api/billing/orders/${recorded}`, { as: "premium" }), "not-found");

  await billing.start();
  for (const id of ids) await untilRecorded(id);
});

it("puts exactly the posted JSON object on billing_queue, and other data into properties and headers", async () => {
  const traceId = randomBytes(16).toString("hex");
  const traceparent = `00-${traceId}-${randomBytes(8).toString("hex")}-01`;
  const body = order();
  await using billing = await stopped("billing");
  const id = await accept(body, { traceparent });
  await withChannel(async (channel) => {
    await expect.poll(() => readyIn(channel, BILLING_QUEUE), SOON).toBe(1);
    const message = await channel.get(BILLING_QUEUE);
    if (!message) throw new Error("the message has vanished from billing_queue");
    channel.nack(message);
    expect(JSON.parse(message.content.toString())).toEqual(body);
    expect(message.properties).toMatchObject({ messageId: id, contentType: "application/json" });
    expect(message.properties.headers).toMatchObject({
      traceparent: expect.stringMatching(`^00-${traceId}-`),
      owner: expect.any(String),
    });
  });
  await billing.start();
  await untilRecorded(id);
});

it("accepts orders while RabbitMQ is stopped, says so, and records them within 15 s of its return", async () => {
  await using rabbitmq = await stopped("rabbitmq");
  const ids = [await accept(order()), await accept(order()), await accept(order())];
  expect((await call("GET", `/api/billing/orders/${ids[0]}`)).json).toMatchObject({ status: "accepted" });
  await expect
    .poll(async () => (await call("GET", "/api/status", { as: null })).json, SOON)
    .toMatchObject({
      status: "degraded",
      components: expect.arrayContaining([expect.objectContaining({ name: "rabbitmq", status: "down" })]),
    });
  // One outage must not take every copy of billing out of service.
  const billing = platform.parts.billing?.url;
  expect((await call("GET", "/health/ready", { as: null, at: billing })).status).toBe(200);

  await rabbitmq.start();
  for (const id of ids) await untilRecorded(id);
});

it("records every order of a platform that falls asleep part by part, in the order of docs/sleep.md, after it is woken", async () => {
  await using asleep = new AsyncDisposableStack();
  const ids: string[] = [];
  for (const part of [
    "order-bridge",
    "inventory",
    "billing",
    "rabbitmq",
    "inventory-database",
    "billing-database",
  ]) {
    ids.push(await accept(order())); // on its way when the next part stops
    asleep.use(await stopped(part));
  }
  ids.push(await accept(order()));
  await asleep.disposeAsync(); // in the reverse order
  for (const id of ids) await untilRecorded(id);
});

it("keeps an accepted order when SQS restarts before the bridge has fetched it", async () => {
  const body = order();
  await using bridge = await stopped("order-bridge");
  const id = await accept(body);
  await ops("restart", "sqs");
  await bridge.start();
  await untilRecorded(id);
  expect(await ordersOfUser(Number(body.user_id))).toHaveLength(1);
});

it("accepts orders while inventory is stopped, and answers 503 for movies", async () => {
  await using _inventory = await stopped("inventory");
  for (const [method, path] of [
    ["GET", "/api/movies"],
    ["GET", "/api/movies/1"],
    ["DELETE", "/api/movies/1"],
  ] as const)
    expectProblem(await call(method, path), "unavailable");
  const movie = { title: "Later", description: "" };
  expectProblem(await call("POST", "/api/movies", { body: movie }), "unavailable");
  await untilRecorded(await accept(order()));
});

it("refuses an order with 503 while SQS is stopped, and records it once when it is repeated with its key", async () => {
  const body = order();
  const headers = { "idempotency-key": randomUUID() };
  await using sqs = await stopped("sqs");
  expectProblem(await call("POST", "/api/billing", { body, headers }), "unavailable");
  await sqs.start();
  await untilRecorded(await accept(body, headers));
  await untilSettled();
  expect(await ordersOfUser(Number(body.user_id))).toHaveLength(1);
});
