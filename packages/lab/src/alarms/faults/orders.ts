import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from "@aws-sdk/client-sqs";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import { EVENT_DEAD_LETTERS, ORDER_EVENTS, ORDER_EVENTS_SUBSCRIBERS } from "@cloud-design/core/events";
import { ORDER_BRIDGE } from "@cloud-design/functions/shared/orders-queue-limits";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import type { GetMessage } from "amqplib";
import { paused } from "../../chaos/evidence.ts";
import { withChannel } from "../../chaos/queues.ts";
import { until } from "../../chaos/until.ts";
import type { AlarmFault } from "../fault.ts";
import { inPlaceOf } from "../in-place-of.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";
import { newOrder } from "../traffic.ts";
import { without, withoutServer } from "../without.ts";

const THROWING = join(import.meta.dirname, "../throwing-recorder.ts");
/** A thousand more than the largest backlog that the largest fleet should have (`billing-backlog`). */
const BURST = 31_000;
/** Seconds until the ledger calls an order late: `settleSecondsOf` of the shortest interval. */
const SETTLE_SECONDS = 30;

/** Faults at each place where an order can be held up. */
export const ORDER_FAULTS: readonly AlarmFault[] = [
  {
    name: "bridge-stopped",
    injection: "the order bridge is stopped for 11 minutes; orders wait in SQS",
    calmMinutes: 8,
    inject: (lab) => without(lab, "order-bridge", 11),
  },
  {
    name: "broker-stopped",
    injection: "RabbitMQ is stopped for 18 minutes and started again; orders wait in SQS",
    calmMinutes: 30,
    inject: (lab) => withoutServer("broker", lab, 18),
  },
  {
    name: "billing-stopped",
    injection: "every task of billing is stopped for 14 minutes",
    calmMinutes: 18,
    inject: (lab) => without(lab, "billing", 14),
  },
  {
    name: "billing-reconnects",
    injection:
      "for 16 minutes billing fails at every message, closes its connection to RabbitMQ and gets the same message again, as with a message that it cannot publish again",
    calmMinutes: 10,
    inject: reconnect,
  },
  {
    name: "billing-overrun",
    injection: `billing is paused for 14 minutes while ${BURST.toLocaleString("en")} orders are published; a laptop has no scaling that would add tasks`,
    calmMinutes: 16,
    inject: overrun,
  },
  {
    name: "order-poisoned",
    injection:
      "a message that is not an order is published to RabbitMQ; its dead letter stays for 18 minutes and is deleted",
    calmMinutes: 20,
    inject: poison,
  },
  {
    name: "events-unroutable",
    injection:
      "the exchange of the subscribers is deleted, so that billing's events have no queue; after 18 minutes each queue is bound again",
    calmMinutes: 25,
    inject: disconnectSubscribers,
  },
  {
    name: "event-poisoned",
    injection:
      "a message that is not an event is published to the exchange of events; its dead letter is deleted",
    calmMinutes: 20,
    inject: poisonEvent,
  },
  {
    name: "order-lost",
    injection:
      "billing is stopped for a moment, a client takes an order out of `billing_queue` and puts it back later",
    calmMinutes: 10,
    inject: loseOrder,
  },
  {
    name: "orders-given-up",
    injection:
      "RabbitMQ cannot be reached, and SQS moves orders to its dead letters after 2 receives instead of 1,000; they are sent again",
    calmMinutes: 8,
    inject: giveUp,
  },
];

async function reconnect(lab: Laboratory): Promise<void> {
  await using _billing = await inPlaceOf(lab, "billing", { preload: [THROWING] });
  await minutes(16);
}

async function overrun(lab: Laboratory): Promise<void> {
  using _billing = paused(lab, "billing");
  await withChannel(lab, async (channel) => {
    for (let sent = 0; sent < BURST; sent++) {
      const properties = { messageId: randomUUID(), persistent: true, contentType: "application/json" };
      if (!channel.publish("", BILLING_QUEUE, Buffer.from(JSON.stringify(newOrder())), properties))
        await new Promise((resolve) => channel.once("drain", resolve));
    }
    await channel.waitForConfirms();
  });
  await minutes(14);
}

async function poison(lab: Laboratory): Promise<void> {
  await withChannel(lab, async (channel) => {
    channel.publish("", BILLING_QUEUE, Buffer.from("no order"), {
      messageId: randomUUID(),
      persistent: true,
    });
    await channel.waitForConfirms();
    await until("there is a dead letter", async () => (await readyIn(channel, BILLING_DEAD_LETTERS)) > 0);
    await minutes(18);
    await channel.purgeQueue(BILLING_DEAD_LETTERS);
  });
}

async function disconnectSubscribers(lab: Laboratory): Promise<void> {
  const columns = ["source_name", "destination_name"];
  const bindings = await lab.broker.control("list_bindings", "--no-table-headers", ...columns);
  const queues = bindings.split("\n").flatMap((line) => {
    const [source, queue = ""] = line.split("\t");
    return source === ORDER_EVENTS_SUBSCRIBERS ? [queue] : [];
  });
  await withChannel(lab, (channel) => channel.deleteExchange(ORDER_EVENTS_SUBSCRIBERS));
  await minutes(18);
  await withChannel(lab, async (channel) => {
    for (const queue of queues) await channel.bindQueue(queue, ORDER_EVENTS_SUBSCRIBERS, "");
  });
}

async function poisonEvent(lab: Laboratory): Promise<void> {
  await withChannel(lab, async (channel) => {
    channel.publish(ORDER_EVENTS, "order.recorded", Buffer.from("no event"), { messageId: randomUUID() });
    await channel.waitForConfirms();
    await until("there is a dead letter", async () => (await readyIn(channel, EVENT_DEAD_LETTERS)) > 0);
    await channel.purgeQueue(EVENT_DEAD_LETTERS);
  });
}

async function loseOrder(lab: Laboratory): Promise<void> {
  await withChannel(lab, async (channel) => {
    await lab.ops("stop", "billing");
    let taken: GetMessage | false = false;
    await until("there is an order to take", async () => {
      taken = await channel.get(BILLING_QUEUE, { noAck: true });
      return taken !== false;
    });
    await lab.ops("start", "billing");
    await minutes(SETTLE_SECONDS + 8);
    const { content, properties } = taken as unknown as GetMessage;
    channel.publish("", BILLING_QUEUE, content, properties);
    await channel.waitForConfirms();
  });
}

async function giveUp(lab: Laboratory): Promise<void> {
  const { broker, sqs, queues } = lab;
  await receivesMax(lab, 2);
  try {
    await broker.proxy.suffer({ kind: "cut" });
    await until("orders are given up", async () => (await queueDepth(sqs, queues.deadLetters)).visible > 0);
    await minutes(2);
  } finally {
    await receivesMax(lab, ORDER_BRIDGE.receivesMax);
    await broker.proxy.suffer({ kind: "none" });
  }
  await sendAgain(lab);
}

async function receivesMax({ sqs, queues }: Laboratory, maxReceiveCount: number): Promise<void> {
  const QueueUrl = queues.orders;
  const query = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] });
  const policy = JSON.parse((await sqs.send(query)).Attributes?.RedrivePolicy ?? "{}");
  const Attributes = { RedrivePolicy: JSON.stringify({ ...policy, maxReceiveCount }) };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
}

/** As an operator does (`npm run ops -- dlq`), until every dead letter has been sent again. */
async function sendAgain({ sqs, queues }: Laboratory): Promise<void> {
  await until("no dead letter is left", async () => {
    const QueueUrl = queues.deadLetters;
    const { Messages: letters = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
    );
    for (const { Body: MessageBody, MessageAttributes, ReceiptHandle } of letters) {
      await sqs.send(new SendMessageCommand({ QueueUrl: queues.orders, MessageBody, MessageAttributes }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    const { visible, inFlight } = await queueDepth(sqs, QueueUrl);
    return visible + inFlight === 0;
  });
}
