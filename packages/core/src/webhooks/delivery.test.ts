import { Webhook as Verifier } from "standardwebhooks";
import { expect, test } from "vitest";
import { eventId, type OrderEvent } from "../events/order-event.ts";
import { ATTEMPTS_MAX, Delivery, deliveriesOf, nextAttempt, waiting } from "./delivery.ts";
import { secretOf, signedHeaders } from "./signature.ts";
import { OrderRecordedDelivery, type Webhook } from "./webhook.ts";

const STAGE_SECRET = "a secret of thirty-two characters";
const event: OrderEvent = {
  id: eventId("ord_1", "order.recorded"),
  type: "order.recorded",
  occurred_at: "2026-11-30T10:00:00.000Z",
  order: { id: "ord_1", owner: "ann", user_id: 3, number_of_items: 5, total_amount: "180.00" },
};
const webhook = (number: number, events: Webhook["events"]): Webhook => ({
  id: `whk_${String(number).padStart(20, "0")}`,
  url: `https://shop.example/${number}`,
  events,
  created_at: "2026-11-30T09:00:00.000Z",
});

test("an event goes to each webhook that asks for its type, without its owner", () => {
  const webhooks = [
    webhook(1, ["order.recorded"]),
    webhook(2, ["order.rejected"]),
    webhook(3, ["order.rejected", "order.recorded"]),
  ];
  const deliveries = deliveriesOf(event, webhooks);
  expect(deliveries.map(({ url }) => url)).toEqual(["https://shop.example/1", "https://shop.example/3"]);
  const [body] = deliveries.map((delivery) => JSON.parse(delivery.body));
  const { owner: _, ...data } = event.order;
  expect(body).toEqual({ type: "order.recorded", timestamp: event.occurred_at, data });
  expect(OrderRecordedDelivery.parse(body)).toEqual(body);
});

test("all deliveries of a caller are of one group, in characters that SQS takes, and those of another of another", () => {
  const webhooks = [webhook(1, ["order.recorded"]), webhook(2, ["order.recorded"])];
  const groupsOf = (owner: string) =>
    new Set(deliveriesOf({ ...event, order: { ...event.order, owner } }, webhooks).map(({ group }) => group));
  const [ann = "", ...more] = groupsOf("ann");
  expect(more).toEqual([]);
  expect(ann).toMatch(/^\w{1,128}$/);
  expect(groupsOf("bob \0 é")).not.toContain(ann);
});

test("the library of Standard Webhooks accepts the signature, and refuses another body, id or secret", () => {
  const secret = secretOf("whk_1", STAGE_SECRET);
  const body = '{"type":"order.recorded","data":"é"}';
  const headers = signedHeaders({ id: event.id, body }, { secret, now: new Date() });
  const verifier = new Verifier(secret);
  expect(verifier.verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => verifier.verify(`${body} `, headers)).toThrow("No matching signature");
  expect(() => verifier.verify(body, { ...headers, "webhook-id": "evt_2" })).toThrow("No matching signature");
  expect(() => new Verifier(secretOf("whk_2", STAGE_SECRET)).verify(body, headers)).toThrow("No matching");
  expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
});

test("a delivery has eight attempts within 28 hours, and no message waits longer than SQS can keep it back", () => {
  let [delivery] = deliveriesOf(event, [webhook(1, ["order.recorded"])]) as [Delivery];
  let seconds = 0;
  for (;;) {
    const next = nextAttempt(delivery);
    if (!next) break;
    let message = waiting(next);
    seconds += message.DelaySeconds;
    for (;;) {
      expect(message.DelaySeconds).toBeLessThanOrEqual(900);
      const rest = Delivery.parse(JSON.parse(message.MessageBody));
      if (rest.waitSeconds === 0) break;
      message = waiting(rest);
      seconds += message.DelaySeconds;
    }
    delivery = Delivery.parse(JSON.parse(message.MessageBody));
  }
  expect(delivery).toMatchObject({ attempt: ATTEMPTS_MAX, id: event.id });
  expect(seconds).toBe((27 * 60 + 35) * 60 + 5);
});
