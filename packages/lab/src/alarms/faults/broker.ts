import { BROKER_LIMITS } from "@cloud-design/local/servers/rabbitmq";
import { type ChannelModel, connect } from "amqplib";
import type { AlarmFault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";

/** The threshold of the alarm. */
const LEAKED = 95;
/** Percent of the limit: over the alarm's 70, and under the 100 at which RabbitMQ blocks publishers. */
const MEMORY_SHARE = 0.85;
/** Percent of the limit: under the alarm's 350, and over the 100 at which RabbitMQ blocks publishers. */
const DISK_SHARE = 2;

export const BROKER_FAULTS: readonly AlarmFault[] = [
  {
    name: "broker-nearly-full",
    injection:
      "the limits of memory and disk are moved near to RabbitMQ's current values for 14 minutes: filling the laptop's own memory and disk would harm other programs",
    calmMinutes: 14,
    inject: moveLimits,
  },
  {
    name: "broker-connections-leaked",
    injection: `a client opens ${LEAKED} connections to RabbitMQ and forgets them for 13 minutes`,
    calmMinutes: 14,
    async inject({ broker }) {
      const leaked: ChannelModel[] = [];
      try {
        for (let count = 0; count < LEAKED; count++) leaked.push(await connect(broker.url));
        await minutes(13);
      } finally {
        await Promise.all(leaked.map((connection) => connection.close()));
      }
    },
  },
];

async function moveLimits({ broker }: Laboratory): Promise<void> {
  const ask = async (expression: string) => Number(await broker.control("eval", expression));
  const used = await ask("vm_memory_monitor:get_process_memory().");
  const free = await ask("rabbit_disk_monitor:get_disk_free().");
  try {
    const limit = String(Math.round(used / MEMORY_SHARE));
    await broker.control("set_vm_memory_high_watermark", "absolute", limit);
    await broker.control("set_disk_free_limit", String(Math.round(free / DISK_SHARE)));
    await minutes(14);
  } finally {
    await broker.control("set_vm_memory_high_watermark", "absolute", BROKER_LIMITS.memory);
    await broker.control("set_disk_free_limit", BROKER_LIMITS.disk);
  }
}
