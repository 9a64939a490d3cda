import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { logOf, nothingIsRecorded, untilLockIsWaitedFor } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";
import { fillDisk } from "./disk-full.ts";
import { suffering } from "./network.ts";

/** PostgreSQL's own default for `superuser_reserved_connections`. */
const RESERVED_CONNECTIONS = 3;

export const DATABASE_FAULTS: readonly Fault[] = [
  {
    name: "database-kill",
    hypothesis: "Orders are accepted while their database is dead, and recorded within 15 s of its return.",
    injection: "kill -9 of PostgreSQL and all its processes; it is started again at once",
    promises: ["R5", "R7"],
    isFast: true,
    inject: (lab) => lab.kill(lab.ordersDatabase),
  },
  {
    name: "database-freeze",
    hypothesis:
      "Orders are accepted while their database is frozen, and recorded within 30 s after it continues.",
    injection: "SIGSTOP to PostgreSQL for 20 s",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 30,
    inject: freezeDatabase,
  },
  {
    name: "database-cut",
    hypothesis: "Orders are accepted while their database cannot be reached, and recorded within 15 s.",
    injection: "connections to PostgreSQL end and are refused for 5 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: suffering("ordersDatabase", { kind: "cut" }, 5),
  },
  {
    name: "database-black-hole",
    hypothesis: "A deadline ends queries without an answer, and orders are recorded within 30 s.",
    injection: "packets to and from PostgreSQL are dropped without a reset for 10 s",
    promises: ["R5", "R7"],
    isFast: false,
    recoverySecondsMax: 30,
    inject: suffering("ordersDatabase", { kind: "black-hole" }, 10),
  },
  {
    name: "database-reset",
    hypothesis:
      "Orders are accepted while connections to their database are reset, and recorded within 15 s.",
    injection: "connections to PostgreSQL are reset, and new ones too, for 3 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: suffering("ordersDatabase", { kind: "reset" }, 3),
  },
  {
    name: "table-locked",
    hypothesis: "Orders wait for a lock that outlasts `lock_timeout`, and do not become dead letters.",
    injection: "`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE` for 8 s",
    promises: ["R5", "R7"],
    isFast: true,
    inject: lockTable,
  },
  {
    name: "database-read-only",
    hypothesis: "Billing drops connections on which it cannot write, as after a failover, without a restart.",
    injection:
      "billing's sessions are ended, and those of the next 4 s are read-only for as long as they last",
    promises: ["R5", "R7"],
    isFast: false,
    inject: failOverToReadOnly,
  },
  {
    name: "database-disk-full",
    hypothesis: "Orders wait for space on the database's disk, and do not become dead letters.",
    injection:
      "a trigger on `orders` writes into a table whose file is `/dev/full`, for 4 s: SQLSTATE 53100, “No space left on device”",
    outside: "A disk that has no space for the write-ahead log stops PostgreSQL, as `database-down-60` does.",
    promises: ["R5", "R7"],
    isFast: false,
    inject: fillDisk,
  },
  {
    name: "connections-exhausted",
    hypothesis: "Orders wait for a connection to their database, and are recorded within 15 s.",
    injection: "billing's connections are cut, and another client takes all but the reserved ones for 4 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: takeConnections,
  },
  {
    name: "database-down-60",
    hypothesis: "At least 500 orders wait for a database that is down for a minute, and are recorded.",
    injection: "PostgreSQL is stopped for 60 s, and started again",
    promises: ["R5", "R7"],
    isFast: false,
    inject: stopDatabase,
  },
];

async function freezeDatabase(lab: Lab): Promise<void> {
  // biome-ignore lint/plugin: compared with the times of rows.
  const frozenAt = Date.now();
  await lab.freeze(lab.ordersDatabase, 20);
  const [start, end] = [frozenAt + 1_000, frozenAt + 19_000].map((time) => new Date(time).toISOString());
  const rows = await lab.sql`SELECT 1 FROM orders WHERE recorded_at BETWEEN ${start ?? ""} AND ${end ?? ""}`;
  assert.equal(rows.length, 0, "a frozen database recorded orders");
}

async function lockTable({ sql }: Lab, load: Load): Promise<void> {
  await sql.begin(async (lock) => {
    await lock`LOCK TABLE orders IN ACCESS EXCLUSIVE MODE`;
    await Promise.all([untilLockIsWaitedFor(lock), nothingIsRecorded(lock, load, 8)]);
  });
}

async function failOverToReadOnly(lab: Lab, load: Load): Promise<void> {
  const { sql } = lab;
  const said = logOf(lab, lab.ordersDatabase);
  await sql`ALTER ROLE billing IN DATABASE orders SET default_transaction_read_only = on`;
  try {
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'billing'`;
    await nothingIsRecorded(sql, load, 4);
    // An order that comes alone is an INSERT, several at once are a SELECT to PostgreSQL.
    assert.match(said(), /cannot execute (?:INSERT|SELECT) in a read-only transaction/);
  } finally {
    await sql`ALTER ROLE billing IN DATABASE orders RESET default_transaction_read_only`;
  }
}

async function takeConnections(lab: Lab, load: Load): Promise<void> {
  const { sql, ordersDatabase } = lab;
  const said = logOf(lab, ordersDatabase);
  const sessions = () => sql<{ name: string }[]>`
    SELECT usename AS name FROM pg_stat_activity WHERE backend_type = 'client backend'`;
  await ordersDatabase.proxy.suffer({ kind: "cut" });
  await using other = new AsyncDisposableStack();
  other.defer(() => ordersDatabase.proxy.suffer({ kind: "none" }));
  await until("billing has lost its connections", async () => {
    return (await sessions()).every(({ name }) => name !== "billing");
  });
  const [{ max } = { max: 0 }] = await sql<{ max: number }[]>`
    SELECT current_setting('max_connections')::int AS max`;
  const free = max - RESERVED_CONNECTIONS - (await sessions()).length;
  const greedy = postgres(ordersDatabase.url, { max: free, onnotice: () => {} });
  other.defer(() => greedy.end({ timeout: 1 }));
  for (let taken = 0; taken < free; taken++) await greedy.reserve();
  await ordersDatabase.proxy.suffer({ kind: "none" });
  await nothingIsRecorded(sql, load, 4);
  assert.match(said(), /remaining connection slots are reserved/);
}

async function stopDatabase({ ordersDatabase }: Lab, load: Load): Promise<void> {
  const accepted = () => load.operations.filter(({ outcome }) => outcome === "acknowledged").length;
  const before = accepted();
  await ordersDatabase.part.stop();
  try {
    await sleep(60_000);
    assert.ok(accepted() - before >= 500, "fewer than 500 orders waited");
  } finally {
    await ordersDatabase.part.start(() => {});
  }
}
