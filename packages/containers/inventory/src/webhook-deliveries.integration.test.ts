import { type Database, openDatabase } from "@cloud-design/core/database";
import { eventId, type OrderEvent } from "@cloud-design/core/events";
import { createLog } from "@cloud-design/core/log";
import * as Webhooks from "@cloud-design/core/webhooks";
import type { Delivery } from "@cloud-design/core/webhooks/delivery";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import type { DeliveryQueues } from "./delivery-queues.ts";
import { tellWebhooks } from "./webhook-events.ts";
import { startRetries } from "./webhook-retries.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
let database: Database;
beforeAll(() => {
  database = openDatabase({ url: inject("moviesUrl"), name: "test" });
});
beforeEach(() => admin`TRUNCATE webhooks`);
afterAll(() => Promise.all([admin.end(), database.close()]));

const createFor = (owner: string, ...events: Webhooks.Webhook["events"]) =>
  database.run((db) => Webhooks.create(db, { url: `https://shop.example/${owner}`, events }, owner));

function rejected(orderId: string, owner?: string): OrderEvent {
  return {
    id: eventId(orderId, "order.rejected"),
    type: "order.rejected",
    occurred_at: "2026-11-30T10:00:00.000Z",
    order: { id: orderId, reason: "Its Idempotency-Key had already been used.", ...(owner && { owner }) },
  };
}

test("each webhook of an order's owner gets the event, and no webhook of others", async () => {
  const [first, second] = [
    await createFor("ann", "order.rejected"),
    await createFor("ann", "order.recorded", "order.rejected"),
  ];
  await createFor("ann", "order.recorded");
  const other = await createFor("bob", "order.rejected");
  await createFor("eve", "order.rejected");
  const sent: Delivery[] = [];
  const hear = tellWebhooks(database, { send: async (all) => void sent.push(...all) });
  await hear([rejected("1", "ann"), rejected("2"), rejected("3", "bob")]);
  const told = sent.map(({ webhook, id }) => `${webhook} of ${id}`);
  expect(told.toSorted()).toEqual(
    [
      `${first.id} of evt_1_order.rejected`,
      `${second.id} of evt_1_order.rejected`,
      `${other.id} of evt_3_order.rejected`,
    ].toSorted(),
  );
  expect(JSON.stringify(sent.map(({ body }) => body))).not.toContain("owner");
});

/** Queues that deliver these once, and then again what was not taken out. */
function queuesWith(deliveries: readonly Delivery[], failures: Error[] = []) {
  const calls: [string, unknown][] = [];
  const left = new Map(deliveries.map((delivery, index) => [String(index), delivery]));
  const queues: DeliveryQueues = {
    async receive() {
      if (left.size === 0) await new Promise((resolve) => setImmediate(resolve));
      return [...left].map(([receipt, delivery]) => ({ receipt, delivery }));
    },
    async send(due) {
      const failure = failures.shift();
      if (failure) throw failure;
      calls.push(["send", due.map(({ webhook }) => webhook)]);
    },
    async wait(waiting) {
      calls.push(["wait", waiting.map(({ webhook }) => webhook)]);
    },
    async takeOut(receipts) {
      calls.push(["takeOut", receipts]);
      for (const receipt of receipts) left.delete(receipt);
    },
  };
  return { queues, calls, left };
}

const delivery = (webhook: string, waitSeconds = 0): Delivery => ({
  ...{ webhook, waitSeconds, url: "https://shop.example/", id: "evt_1", body: "{}", attempt: 2 },
});

async function sendOn(deliveries: readonly Delivery[], failures?: Error[]) {
  const { queues, calls, left } = queuesWith(deliveries, failures);
  const retries = startRetries({ database, queues, log: createLog("test") });
  await expect.poll(() => left.size).toBe(0);
  await retries.close();
  return calls;
}

test("a delivery whose wait is over is sent on, another waits further, and that of a deleted webhook is dropped", async () => {
  const [due, waiting, gone] = [
    await createFor("ann", "order.recorded"),
    await createFor("ann", "order.recorded"),
    await createFor("ann", "order.recorded"),
  ];
  await database.run((db) => Webhooks.remove(db, gone.id, "ann"));
  const calls = await sendOn([delivery(due.id), delivery(waiting.id, 60), delivery(gone.id)]);
  expect(calls).toEqual([
    ["takeOut", ["2"]],
    ["wait", [waiting.id]],
    ["takeOut", ["1"]],
    ["send", [due.id]],
    ["takeOut", ["0"]],
  ]);
});

test("a delivery that SQS does not take stays where it is, and is sent on later; one that it took is not repeated", async () => {
  const [due, waiting] = [await createFor("ann", "order.recorded"), await createFor("ann", "order.recorded")];
  const calls = await sendOn([delivery(due.id), delivery(waiting.id, 60)], [new Error("SQS is away")]);
  expect(calls).toEqual([
    ["wait", [waiting.id]],
    ["takeOut", ["1"]],
    ["send", [due.id]],
    ["takeOut", ["0"]],
  ]);
});
