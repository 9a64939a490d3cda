import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import { family, send } from "@cloud-design/local/supervisor/process-table";
import type { ISql } from "postgres";
import type { Operation } from "./books.ts";
import type { Lab, LabServer } from "./lab.ts";
import type { Load } from "./load.ts";
import { until } from "./until.ts";

/** Proves that a fault works: an order that is placed under it has no row after this many seconds. `sql` must not pass through the broken part. */
export async function nothingIsRecorded(sql: ISql, load: Load, seconds: number): Promise<void> {
  const { userId } = await load.order();
  await sleep(seconds * 1_000);
  const rows = await sql`SELECT 1 FROM orders WHERE user_id = ${userId}`;
  assert.equal(rows.length, 0, "an order was recorded during the fault: the fault had no effect");
}

/** The text that a part of the platform or a server writes into its log from now on, also when a long log is renamed at its next start. */
export function logOf({ directory }: Lab, part: string | LabServer): () => string {
  const log =
    typeof part === "string" ? (readPlatform(directory)?.parts[part]?.log ?? "") : part.part.record.log;
  const { size, ino } = statSync(log);
  return () => {
    const isRenamed = statSync(log).ino !== ino;
    const before = readFileSync(isRenamed ? `${log}.1` : log).subarray(size);
    return before.toString() + (isRenamed ? readFileSync(log, "utf8") : "");
  };
}

/** Stops every process of a part or a server until this is disposed of. */
export function paused(lab: Lab, victim: string | LabServer): Disposable {
  const members = family(typeof victim === "string" ? lab.pidOf(victim) : (victim.part.record.pid ?? 0));
  for (const member of members) send(member, "SIGSTOP");
  return {
    [Symbol.dispose]() {
      for (const member of members) send(member, "SIGCONT");
    },
  };
}

/** Messages of a queue of RabbitMQ: those that wait, and those that a consumer holds. */
export async function countsOf({ broker }: Lab, queue: string): Promise<{ ready: number; unacked: number }> {
  const columns = ["name", "messages_ready", "messages_unacknowledged"];
  const lines = (await broker.control("list_queues", "--no-table-headers", ...columns)).split("\n");
  const [, ready, unacked] = lines.map((line) => line.split("\t")).find(([name]) => name === queue) ?? [];
  return { ready: Number(ready), unacked: Number(unacked) };
}

export function untilRecorded(sql: ISql, { userId }: Operation): Promise<void> {
  return until("an order is recorded", async () => {
    return (await sql`SELECT 1 FROM orders WHERE user_id = ${userId}`).length > 0;
  });
}

export function untilLockIsWaitedFor(sql: ISql): Promise<void> {
  return until("a session waits for the lock", async () => {
    return (await sql`SELECT 1 FROM pg_locks WHERE NOT granted`).length > 0;
  });
}
