import { setTimeout as sleep } from "node:timers/promises";
import { BILLING_QUEUE } from "@cloud-design/core/billing";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { type Channel, connect } from "amqplib";
import { countsOf, logOf, nothingIsRecorded, paused } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

export const BROKER_QUEUE_FAULTS: readonly Fault[] = [
  {
    name: "queue-deleted",
    hypothesis:
      "The bridge does not count an order as confirmed if no queue received it, and billing declares the queue again.",
    injection:
      "SIGSTOP to the bridge until the queue is empty, SIGSTOP to billing, the queue is deleted; the bridge continues, and billing continues once the bridge has published without a queue",
    outside: "Deleting a queue also deletes its messages, so the queue is empty when it is deleted.",
    promises: ["R5", "R7"],
    isFast: false,
    needsUsualLoad: true,
    inject: deleteQueue,
  },
  {
    name: "queue-arguments-changed",
    hypothesis:
      "Orders wait in SQS while the queue has other arguments, both sides log the reason, and orders are recorded once the queue is corrected.",
    injection:
      "the empty queue is deleted and declared as a classic one while bridge and billing are paused, connections are reset; 5 s later it is deleted, on condition that it is empty",
    outside:
      "Until it connects again, the bridge publishes into any queue of that name, and gets confirms: an operator who deletes that queue with its orders loses them.",
    promises: ["R5", "R7"],
    isFast: false,
    needsUsualLoad: true,
    inject: changeArguments,
  },
];

async function deleteQueue(lab: Lab): Promise<void> {
  const said = logOf(lab, "order-bridge");
  await using admin = await openChannel(lab);
  using _billing = await withoutQueue(lab, admin.channel);
  await until("the bridge notices that no queue takes its orders", () => /No queue takes/.test(said()));
}

async function changeArguments(lab: Lab, load: Load): Promise<void> {
  const logs = [logOf(lab, "order-bridge"), logOf(lab, "billing")];
  await using admin = await openChannel(lab);
  const { channel } = admin;
  {
    using _billing = await withoutQueue(lab, channel, async () => {
      await channel.assertQueue(BILLING_QUEUE, { durable: true });
      await lab.broker.proxy.suffer({ kind: "reset" });
      await lab.broker.proxy.suffer({ kind: "none" });
    });
  }
  try {
    await nothingIsRecorded(lab.sql, load, 5);
    for (const said of logs)
      await until("a log says why orders wait", () => /PRECONDITION_FAILED/.test(said()));
  } finally {
    await channel.deleteQueue(BILLING_QUEUE, { ifEmpty: true });
  }
}

/** Deletes the queue once it is empty. The bridge continues after that, billing when the result is disposed of. */
async function withoutQueue(lab: Lab, channel: Channel, instead = async () => {}): Promise<Disposable> {
  using _bridge = await pausedWithoutOrders(lab);
  await until("the queue is empty", async () => {
    const { ready, unacked } = await countsOf(lab, BILLING_QUEUE);
    return ready + unacked === 0;
  });
  const billing = paused(lab, "billing");
  try {
    await channel.deleteQueue(BILLING_QUEUE);
    await instead();
    return billing;
  } catch (error) {
    billing[Symbol.dispose]();
    throw error;
  }
}

/** Pauses the bridge at a moment when it holds no order: otherwise its deadline for RabbitMQ would be over when it continues. */
async function pausedWithoutOrders(lab: Lab): Promise<Disposable> {
  let bridge = paused(lab, "order-bridge");
  await until("the bridge holds no order", async () => {
    if ((await queueDepth(lab.sqs, lab.queues.orders)).inFlight === 0) return true;
    bridge[Symbol.dispose]();
    await sleep(20);
    bridge = paused(lab, "order-bridge");
    return false;
  }).catch((error: unknown) => {
    bridge[Symbol.dispose]();
    throw error;
  });
  return bridge;
}

async function openChannel({ broker }: Lab): Promise<AsyncDisposable & { channel: Channel }> {
  const connection = await connect(broker.url);
  connection.on("error", () => {});
  const channel = await connection.createChannel();
  channel.on("error", () => {});
  return { channel, [Symbol.asyncDispose]: () => connection.close() };
}
