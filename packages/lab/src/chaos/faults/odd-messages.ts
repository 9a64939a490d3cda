import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { BILLING_DEAD_LETTERS, BILLING_QUEUE } from "@cloud-design/core/billing";
import { readyIn } from "@cloud-design/core/broker";
import { untilRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { withChannel } from "../queues.ts";
import { until } from "../until.ts";

/** Headers that a client can receive but not send unchanged, and addresses on which RabbitMQ acts. */
const ODD_HEADERS: readonly Record<string, unknown>[] = [
  { stack: "x".repeat(65_400) },
  { number: { "!": "int64", value: 2n ** 63n - 1n } },
  { time: { "!": "timestamp", value: 2n ** 64n - 1n } },
  { decimal: { "!": "decimal", value: { places: 255, digits: 2 ** 32 - 1 } } },
  { CC: [BILLING_QUEUE] },
  { "x-death": "text" },
];
const FLOOD = 300;

/** Messages and states in which a consumer runs but makes no progress. */
export const ODD_MESSAGE_FAULTS: readonly Fault[] = [
  {
    name: "queue-odd",
    hypothesis:
      "A message that can be received but not published again becomes a dead letter, and delays no order.",
    injection:
      "headers near 64 KB, numbers and times at their limits, and headers with addresses, straight into billing_queue",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 5,
    deadLetters: ODD_HEADERS.length,
    inject: (lab, load) => publishOdd(lab, load, ODD_HEADERS),
  },
  {
    name: "queue-odd-flood",
    hypothesis: "A flood of such messages delays the orders between them, but stops none of them.",
    injection: `${FLOOD} messages with headers near 64 KB, at once, straight into billing_queue`,
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 5,
    deadLetters: FLOOD,
    inject: (lab, load) =>
      publishOdd(
        lab,
        load,
        Array.from({ length: FLOOD }, () => ({ stack: "x".repeat(65_400) })),
      ),
  },
  {
    name: "billing-stuck",
    hypothesis: "The status shows billing as degraded while it holds orders and settles none of them.",
    injection: "`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE` until the status shows it",
    promises: ["R5", "R7"],
    isFast: false,
    inject: stick,
  },
];

async function publishOdd(lab: Lab, load: Load, odd: readonly Record<string, unknown>[]): Promise<void> {
  await withChannel(lab, async (channel) => {
    for (const headers of odd)
      channel.publish("", BILLING_QUEUE, Buffer.from("{}"), {
        messageId: randomUUID(),
        persistent: true,
        headers,
      });
    await channel.waitForConfirms();
    await untilRecorded(lab.sql, await load.order());
    const depth = () => readyIn(channel, BILLING_DEAD_LETTERS);
    await until(`${odd.length} dead letters`, async () => (await depth()) >= odd.length);
  });
}

async function stick({ sql, gatewayUrl }: Lab): Promise<void> {
  await sql.begin(async (lock) => {
    await lock`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`;
    const states: unknown[] = [];
    await until("the status says that billing is degraded", async () => {
      const { components } = (await (await fetch(`${gatewayUrl}/api/status`)).json()) as {
        components: { name: string; status: string }[];
      };
      const state = components.find(({ name }) => name === "billing")?.status;
      states.push(state);
      return state === "degraded";
    });
    assert.ok(states.includes("up"), "billing was unwell before");
  });
}
