import assert from "node:assert/strict";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { BILLING_QUEUE } from "@cloud-design/core/billing";
import { queueDepth } from "@cloud-design/functions/shared/queue-depth";
import { PRESET_TABLE } from "@cloud-design/stage/settings";
import * as z from "zod";
import { countsOf, paused, untilLockIsWaitedFor, untilRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { visibilitySeconds } from "../queues.ts";
import { until } from "../until.ts";

/** The gateway's concurrency, which the laptop has from prod. */
const READS_MAX = PRESET_TABLE.gatewayConcurrency.hardened ?? 0;
const READS = READS_MAX + 200;
/** The stand-in's answer where Lambda does not start a function. */
const BUSY = "The platform is busy.";
const Problem = z.object({ detail: z.string() });

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    name: "inventory-freeze",
    hypothesis:
      "Reads that wait for a frozen inventory use up the gateway's own concurrency, and every order is still accepted.",
    injection: `SIGSTOP to inventory, then ${READS} reads at once: ${READS_MAX} wait, and further ones get 503 at once; SIGCONT when all are answered`,
    promises: ["R5", "R7"],
    isFast: true,
    mayRefuse: { reads: true },
    recoverySecondsMax: 30,
    inject: freezeInventory,
  },
  {
    name: "gateway-kill",
    hypothesis:
      "An answer of the gateway before its death stays valid, and a request without an answer can be repeated.",
    injection: "kill -9 of the gateway, three times",
    promises: ["R5"],
    isFast: true,
    mayRefuse: { orders: true, reads: true },
    inject: killGateway,
  },
  {
    name: "bridge-kill",
    hypothesis:
      "An order that the bridge has published but not yet deleted from SQS is published again, and recorded once.",
    injection:
      "SIGSTOP to RabbitMQ until the bridge waits for confirms, then to the bridge; RabbitMQ continues; kill -9 of the bridge once orders are recorded that are still in SQS, with a visibility timeout of 3 s instead of 180 s",
    promises: ["R5", "R7"],
    isFast: true,
    inject: killBridgeBeforeDelete,
  },
  {
    name: "billing-kill",
    hypothesis:
      "An order that billing has stored but not yet acknowledged is delivered again, and recorded once.",
    injection:
      "the table is locked until billing holds orders and waits; the network to RabbitMQ becomes a black hole, and the lock is released: orders are stored, but no acknowledgement arrives; kill -9 of billing",
    promises: ["R5", "R7"],
    isFast: true,
    inject: killBillingBeforeAcknowledgement,
  },
];

/** While reads wait, orders are placed; runFault checks that each was accepted. */
async function freezeInventory(lab: Lab): Promise<string> {
  const answers = { refused: 0, late: 0 };
  const read = async () => {
    const startedAt = performance.now();
    const response = await fetch(`${lab.gatewayUrl}/api/movies?limit=1`, {
      headers: { authorization: `Bearer ${lab.token}` },
    });
    const { detail } = Problem.parse(await response.json());
    assert.equal(response.status, 503, `a read of a frozen inventory was answered with ${response.status}`);
    answers[detail === BUSY ? "refused" : "late"] += 1;
    return performance.now() - startedAt;
  };
  using _inventory = paused(lab, "inventory");
  const durations = await Promise.all(Array.from({ length: READS }, read));
  assert.ok(answers.refused > 0, "the reads have not used up the gateway's concurrency");
  assert.ok(answers.late > 0, "no read has waited for inventory");
  const longest = (Math.max(...durations) / 1_000).toFixed(1);
  return `${answers.late} reads waited, the longest for ${longest} s, and ${answers.refused} were refused at once`;
}

async function killGateway(lab: Lab, load: Load): Promise<void> {
  const unserved = load.reads.failed;
  for (let deaths = 0; deaths < 3; deaths++) await lab.kill("gateway");
  assert.ok(load.reads.failed > unserved, "no client noticed that the gateway was dead");
}

async function killBridgeBeforeDelete(lab: Lab, load: Load): Promise<void> {
  await using _visibility = await visibilitySeconds(lab, 3);
  // Once this order is recorded, the bridge holds no message that it received before, which would stay hidden for 180 s.
  await untilRecorded(lab.sql, await load.order());
  const broker = paused(lab, lab.broker);
  try {
    await until("the bridge waits for confirms", async () => {
      const { inFlight, visible } = await queueDepth(lab.sqs, lab.queues.orders);
      return inFlight > 0 && visible > 0;
    });
    using _bridge = paused(lab, "order-bridge");
    broker[Symbol.dispose]();
    await untilRecordedInSqs(lab);
    await lab.kill("order-bridge");
  } finally {
    broker[Symbol.dispose]();
  }
}

/** Waits until a message that the bridge received before is visible again although it has a row: it was published but not deleted. */
async function untilRecordedInSqs({ sqs, sql, queues }: Lab): Promise<void> {
  const seen = new Set<string>();
  const command = new ReceiveMessageCommand({
    QueueUrl: queues.orders,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 1,
    MessageAttributeNames: ["order_id"],
    MessageSystemAttributeNames: ["ApproximateReceiveCount"],
  });
  await until("SQS hands out again what was published", async () => {
    const { Messages: messages = [] } = await sqs.send(command);
    const returned = messages.filter(
      ({ MessageId: id = "", Attributes }) =>
        !seen.has(id) && Number(Attributes?.ApproximateReceiveCount) > 1,
    );
    for (const { MessageId = "" } of messages) seen.add(MessageId);
    const ids = returned.map(({ MessageAttributes }) => MessageAttributes?.order_id?.StringValue ?? "");
    return (await sql`SELECT 1 FROM orders WHERE id = ANY(${ids})`).length > 0;
  });
}

async function killBillingBeforeAcknowledgement(lab: Lab): Promise<void> {
  const { sql, broker } = lab;
  try {
    const before = await sql.begin(async (lock) => {
      await lock`LOCK TABLE orders IN EXCLUSIVE MODE`;
      await untilLockIsWaitedFor(lock);
      await broker.proxy.suffer({ kind: "black-hole" });
      return (await lock`SELECT 1 FROM orders`).length;
    });
    const stored = async () => (await sql`SELECT 1 FROM orders`).length - before;
    await until("billing stores the orders that it held", async () => (await stored()) > 0);
    await lab.kill("billing");
    // RabbitMQ does not notice the death either. Its counts are some seconds old.
    await until("RabbitMQ still waits for the acknowledgements of what is stored", async () => {
      const { unacked } = await countsOf(lab, BILLING_QUEUE);
      return unacked >= (await stored());
    });
  } finally {
    await broker.proxy.suffer({ kind: "none" });
  }
}
