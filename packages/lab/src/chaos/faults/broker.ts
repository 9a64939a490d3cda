import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { BROKER_LIMITS } from "@cloud-design/local/servers/rabbitmq";
import { logOf, nothingIsRecorded, untilRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { messagesIn } from "../queues.ts";
import { until } from "../until.ts";
import { suffering } from "./network.ts";

const SLOW_CLOSE_SECONDS = 3;

export const BROKER_FAULTS: readonly Fault[] = [
  {
    name: "broker-kill",
    hypothesis: "Orders are accepted while RabbitMQ is dead, and recorded within 15 s of its return.",
    injection: "kill -9 of RabbitMQ and all its processes; it is started again at once",
    promises: ["R5", "R7"],
    isFast: true,
    inject: (lab) => lab.kill(lab.broker),
  },
  {
    name: "broker-freeze",
    hypothesis: "Orders are accepted while RabbitMQ is frozen, and recorded within 30 s after it continues.",
    injection: "SIGSTOP to RabbitMQ for 20 s",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 30,
    async inject(lab, load) {
      await Promise.all([lab.freeze(lab.broker, 20), nothingIsRecorded(lab.sql, load, 19)]);
    },
  },
  {
    name: "broker-cut",
    hypothesis: "Orders are accepted while RabbitMQ cannot be reached, and recorded within 15 s.",
    injection: "connections to RabbitMQ end and are refused for 5 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: suffering("broker", { kind: "cut" }, 5),
  },
  {
    name: "broker-black-hole",
    hypothesis:
      "Missed heartbeats end connections on which nothing arrives, and orders are recorded within 30 s.",
    injection:
      "packets to and from RabbitMQ are dropped without a reset for 31 s: longer than heartbeats may be missed",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 30,
    async inject(lab, load) {
      const said = logOf(lab, "billing");
      await suffering("broker", { kind: "black-hole" }, 31)(lab, load);
      assert.match(said(), /Heartbeat timeout/i, "billing did not miss RabbitMQ's heartbeats");
    },
  },
  {
    name: "broker-reset",
    hypothesis: "Orders are accepted while connections to RabbitMQ are reset, and recorded within 15 s.",
    injection: "connections to RabbitMQ are reset, and new ones too, for 3 s",
    promises: ["R5", "R7"],
    isFast: true,
    inject: suffering("broker", { kind: "reset" }, 3),
  },
  {
    name: "broker-latency",
    hypothesis: "Latency before RabbitMQ delays orders, but no order fails.",
    injection: "300 ms of latency each way before RabbitMQ, for 3 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: delay,
  },
  {
    name: "late-confirms",
    hypothesis: "An order whose confirm comes too late is published twice, and recorded once.",
    injection: "4.5 s of latency each way before RabbitMQ: a confirm takes 9 s, and the bridge waits for 8",
    promises: ["R5", "R7"],
    isFast: false,
    inject: delayConfirms,
  },
  {
    name: "broker-slow-close",
    hypothesis: "A client that notices the death of RabbitMQ late loses no order.",
    injection: "kill -9 of RabbitMQ, which its clients notice 3 s late",
    promises: ["R5", "R7"],
    isFast: false,
    inject: killUnnoticed,
  },
  {
    name: "broker-bandwidth",
    hypothesis: "Orders wait in SQS while the network is too slow for them, and are recorded within 15 s.",
    injection: "3,000 bytes a second per connection before RabbitMQ, for 6 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: narrow,
  },
  {
    name: "broker-memory-alarm",
    hypothesis: "Orders wait in SQS while RabbitMQ blocks publishers, and are recorded within 15 s.",
    injection:
      "`rabbitmqctl set_vm_memory_high_watermark absolute 1` for 9 s: longer than the bridge waits for a confirm",
    promises: ["R5", "R7"],
    isFast: false,
    inject: alarm("memory", 9, ["set_vm_memory_high_watermark", "absolute"], ["1", BROKER_LIMITS.memory]),
  },
  {
    name: "broker-disk-alarm",
    hypothesis: "Orders wait in SQS while RabbitMQ blocks publishers, and are recorded within 15 s.",
    injection: "`rabbitmqctl set_disk_free_limit 1000000GB` for 3 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: alarm("disk", 3, ["set_disk_free_limit"], ["1000000GB", BROKER_LIMITS.disk]),
  },
];

async function delay({ broker, sql }: Lab, load: Load): Promise<void> {
  await broker.proxy.suffer({ kind: "latency", milliseconds: 300 });
  try {
    const startedAt = performance.now();
    await untilRecorded(sql, await load.order());
    assert.ok(performance.now() - startedAt >= 600, "an order was not delayed by the latency");
    await sleep(3_000);
  } finally {
    await broker.proxy.suffer({ kind: "none" });
  }
}

/** The order is published and reaches billing; its confirm reaches the bridge too late, so it stays in SQS and is published again. */
async function delayConfirms(lab: Lab, load: Load): Promise<void> {
  const { broker, sql } = lab;
  const said = logOf(lab, "order-bridge");
  await broker.proxy.suffer({ kind: "latency", milliseconds: 4_500 });
  try {
    await untilRecorded(sql, await load.order());
    await until("the bridge gives up a confirm", () => /did not answer within 8 s/.test(said()));
  } finally {
    await broker.proxy.suffer({ kind: "none" });
  }
}

async function killUnnoticed({ broker, kill }: Lab): Promise<void> {
  await broker.proxy.suffer({ kind: "slow-close", milliseconds: SLOW_CLOSE_SECONDS * 1_000 });
  const client = connect({ port: broker.proxy.port, host: "127.0.0.1" }).on("error", () => {});
  try {
    await once(client, "connect");
    const startedAt = performance.now();
    const closed = new Promise((resolve) => client.resume().once("close", resolve));
    await Promise.all([kill(broker), closed]);
    assert.ok(performance.now() - startedAt >= SLOW_CLOSE_SECONDS * 1_000, "clients noticed it at once");
  } finally {
    client.destroy();
    await broker.proxy.suffer({ kind: "none" });
  }
}

async function narrow({ broker, sqs, queues }: Lab): Promise<void> {
  await broker.proxy.suffer({ kind: "bandwidth", bytesPerSecond: 3_000 });
  try {
    await sleep(6_000);
    assert.ok((await messagesIn(sqs, queues.orders)) > 20, "the network was wide enough");
  } finally {
    await broker.proxy.suffer({ kind: "none" });
  }
}

function alarm(
  resource: "memory" | "disk",
  seconds: number,
  command: readonly string[],
  [raised, lowered]: readonly [string, string],
): Fault["inject"] {
  return async ({ broker, sql }, load) => {
    await broker.control(...command, raised);
    try {
      const alarms = () => broker.control("eval", "rabbit_alarm:get_alarms().");
      await until(`RabbitMQ raises its ${resource} alarm`, async () => (await alarms()).includes(resource));
      await nothingIsRecorded(sql, load, seconds);
    } finally {
      await broker.control(...command, lowered);
    }
  };
}
