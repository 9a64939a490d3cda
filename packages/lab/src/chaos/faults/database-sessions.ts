import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { logOf, nothingIsRecorded, untilLockIsWaitedFor } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

const IDLE_CLOSED_MIN = 10;

/** The end of single connections to PostgreSQL, each at a moment when the driver holds a transaction or a session. */
export const DATABASE_SESSION_FAULTS: readonly Fault[] = [
  {
    name: "database-backend-kill",
    hypothesis:
      "A write with a key is done once if its backend dies within the transaction, and its service does not restart.",
    injection: "kill -9 of the one backend that holds the transaction of a `POST /api/movies`, three times",
    outside:
      "PostgreSQL ends all sessions when one of its processes is killed, and recovers: reads wait for that.",
    promises: ["R5", "R7"],
    isFast: false,
    mayRefuse: { reads: true },
    inject: killBackends,
  },
  {
    name: "database-sessions-ended",
    hypothesis:
      "Orders are recorded while an administrator ends billing's sessions, and billing does not restart.",
    injection: "`pg_terminate_backend` for each session of billing, every 2 s for 20 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: endSessions,
  },
  {
    name: "database-idle-closed",
    hypothesis: "No order is lost to a server that closes idle sessions just when orders come.",
    injection: "`idle_session_timeout` of 60 ms for billing, until 10 sessions are closed",
    promises: ["R5", "R7"],
    isFast: false,
    inject: closeIdleSessions,
  },
  {
    name: "database-hangs-up",
    hypothesis:
      "A server that closes each new connection is asked at the pace of the back-off, and orders wait for it.",
    injection: "each connection to PostgreSQL ends at its first message, for 5 s",
    promises: ["R5", "R7"],
    isFast: false,
    inject: hangUpAtStart,
  },
];

async function killBackends(lab: Lab): Promise<string> {
  const pid = lab.pidOf("inventory");
  const titles = [randomUUID(), randomUUID(), randomUUID()];
  const sql = postgres(lab.moviesAdminUrl, { max: 2, fetch_types: false, onnotice: () => {} });
  try {
    for (const title of titles) await killOneBackend(lab, sql, title);
    const rows = await sql`SELECT count(*)::int AS count FROM movies WHERE title IN ${sql(titles)}`;
    assert.equal(rows[0]?.count, titles.length, "a movie is missing, or there twice");
  } finally {
    await sql.end({ timeout: 1 });
  }
  assert.equal(lab.pidOf("inventory"), pid, "inventory has died");
  return `${titles.length} backends killed, ${titles.length} movies, the same process`;
}

/** A lock that lets readers pass stops the write in the middle of its transaction. */
async function killOneBackend(lab: Lab, sql: postgres.Sql, title: string): Promise<void> {
  const lost = sql.begin(async (lock) => {
    await lock`LOCK TABLE movies IN SHARE MODE`;
    const created = create(lab, title);
    await untilLockIsWaitedFor(lock);
    const [waiting] = await lock`SELECT pid FROM pg_locks WHERE NOT granted`;
    process.kill(waiting?.pid, "SIGKILL");
    await created;
    await lock`SELECT 1`;
  });
  // PostgreSQL ends every session when one of its processes dies, this one as well.
  await assert.rejects(lost);
  await until("the write is done", () => create(lab, title));
}

/** Creates a movie with its title as the key. Resolves with whether the answer confirms it. */
async function create({ gatewayUrl, token }: Lab, title: string): Promise<boolean> {
  const response = await fetch(`${gatewayUrl}/api/movies`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "idempotency-key": title,
    },
    body: JSON.stringify({ title, description: "" }),
  }).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

async function endSessions(lab: Lab): Promise<string> {
  const pid = lab.pidOf("billing");
  let ended = 0;
  for (let seconds = 0; seconds < 20; seconds += 2) {
    const rows = await lab.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'billing'`;
    ended += rows.length;
    await sleep(2_000);
  }
  assert.ok(ended >= 10, `only ${ended} sessions were ended`);
  assert.equal(lab.pidOf("billing"), pid, "billing has died");
  return `${ended} sessions ended, the same process`;
}

async function closeIdleSessions(lab: Lab): Promise<string> {
  const pid = lab.pidOf("billing");
  const said = logOf(lab, lab.ordersDatabase);
  const closed = () => said().split("due to idle-session timeout").length - 1;
  await lab.sql`ALTER ROLE billing IN DATABASE orders SET idle_session_timeout = '60ms'`;
  try {
    await lab.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'billing'`;
    await until(`${IDLE_CLOSED_MIN} sessions are closed`, async () => closed() >= IDLE_CLOSED_MIN);
  } finally {
    await lab.sql`ALTER ROLE billing IN DATABASE orders RESET idle_session_timeout`;
  }
  assert.equal(lab.pidOf("billing"), pid, "billing has died");
  // Otherwise the remaining sessions would still be closed.
  await lab.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'billing'`;
  return `${closed()} sessions closed, the same process`;
}

async function hangUpAtStart(lab: Lab, load: Load): Promise<string> {
  const pid = lab.pidOf("billing");
  const { proxy } = lab.ordersDatabase;
  const before = proxy.accepted;
  await proxy.suffer({ kind: "hang-up" });
  try {
    await nothingIsRecorded(lab.sql, load, 5);
  } finally {
    await proxy.suffer({ kind: "none" });
  }
  const starts = proxy.accepted - before;
  // Without a back-off there would be thousands. Billing holds one batch at a time, and its pauses double from 100 ms to 3 s.
  assert.ok(starts > 0 && starts < 200, `${starts} starts in 5 s`);
  assert.equal(lab.pidOf("billing"), pid, "billing has died");
  return `${starts} starts in 5 s, the same process`;
}
