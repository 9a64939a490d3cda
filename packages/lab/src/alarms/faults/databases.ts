import postgres from "postgres";
import type { AlarmFault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";

/** PostgreSQL's own default for `superuser_reserved_connections`. */
const RESERVED_CONNECTIONS = 3;
/** More than the alarm's threshold, and less than all, so that the services still find a connection. */
const HOARDED_SHARE = 0.92;
/** More than a server of the laboratory has to spare (`watchDatabase`). The table is unlogged, so its log does not grow. */
const FILLER_MEGABYTES = 128;
/** Each half second, in rows that make more than a disk of the laboratory can write for ever (`watchDatabase`). */
const BURST_MEGABYTES = 6;
/** One would do; a second one keeps the server busy while the first one plans. */
const HEAVY_QUERIES = 2;

export const DATABASE_FAULTS: readonly AlarmFault[] = [
  {
    name: "table-locked",
    injection: "the table of orders is locked against writing twice for 12 minutes, with 3 minutes between",
    pace: { orders: 10 },
    calmMinutes: 36,
    inject: lockTable,
  },
  ...(["inventory", "billing"] as const).map((noun) => ({
    name: `${noun}-database-busy`,
    injection: `${HEAVY_QUERIES} queries keep the server of ${noun} busy for 22 minutes; its processor time is measured against one core`,
    calmMinutes: 26,
    inject: (lab: Laboratory) => keepBusy(adminUrls(lab)[noun], 22),
  })),
  {
    name: "databases-filled",
    injection: `a table of ${FILLER_MEGABYTES} MiB fills the disk of each server for 18 minutes; the disk is a number that the laboratory sets`,
    calmMinutes: 26,
    inject: (lab) => onBoth(lab, fill),
  },
  {
    name: "disks-busy",
    injection: `a program writes ${BURST_MEGABYTES} MiB to each server every half minute for 26 minutes; the disk's lasting rate and its reserve are numbers that the laboratory sets`,
    calmMinutes: 36,
    inject: (lab) => onBoth(lab, keepWriting),
  },
  {
    name: "connections-hoarded",
    injection: `a client holds ${100 * HOARDED_SHARE} % of each server's connections for 9 minutes; a laptop has no RDS Proxy, so the server's own limit counts`,
    calmMinutes: 9,
    inject: (lab) => onBoth(lab, hoard),
  },
  {
    name: "sessions-pinned",
    injection:
      "a session at each server keeps a lock beyond its transaction for 18 minutes, for which RDS Proxy would pin it; a laptop has no RDS Proxy, so the lock is counted",
    calmMinutes: 20,
    inject: (lab) => onBoth(lab, pin),
  },
];

function adminUrls(lab: Laboratory) {
  return { inventory: lab.moviesAdminUrl, billing: lab.ordersDatabase.url };
}

async function onBoth(lab: Laboratory, work: (url: string) => Promise<void>): Promise<void> {
  await Promise.all(Object.values(adminUrls(lab)).map(work));
}

async function lockTable({ sql }: Laboratory): Promise<void> {
  for (let times = 0; times < 2; times++) {
    await sql.begin(async (lock) => {
      await lock`LOCK TABLE orders IN EXCLUSIVE MODE`;
      await minutes(12);
    });
    await minutes(3);
  }
}

async function keepBusy(url: string, count: number): Promise<void> {
  const sql = postgres(url, { max: HEAVY_QUERIES, onnotice: () => {} });
  const timeout = `${count * 1_000}ms`;
  try {
    const queries = Array.from({ length: HEAVY_QUERIES }, () =>
      sql.begin(async (heavy) => {
        await heavy`SELECT set_config('statement_timeout', ${timeout}, true)`;
        await heavy`SELECT count(*) FROM generate_series(1, 1000000000000) AS number WHERE number % 7 = 8`;
      }),
    );
    // They end at their timeouts.
    await Promise.allSettled(queries);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function fill(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`
      CREATE UNLOGGED TABLE filler AS
      SELECT repeat(md5(number::text), 30) AS text FROM generate_series(1, ${FILLER_MEGABYTES * 1_024}::int) AS number`;
    await minutes(18);
    await sql`DROP TABLE filler`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A new table each time, emptied in between: a change of one row would stay in the server's memory. */
async function keepWriting(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      await sql`
        CREATE TABLE burst AS
        SELECT repeat(md5(number::text), 30) AS text FROM generate_series(1, ${BURST_MEGABYTES * 1_024}::int) AS number`;
      await sql`DROP TABLE burst`;
      await minutes(0.5);
    }
  })();
  try {
    await minutes(26);
  } finally {
    isOver = true;
    await writing.finally(() => sql.end({ timeout: 1 }));
  }
}

async function hoard(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const [{ max } = { max: 0 }] = await sql<{ max: number }[]>`
    SELECT current_setting('max_connections')::int AS max`;
  const [{ open } = { open: 0 }] = await sql<{ open: number }[]>`
    SELECT count(*)::int AS open FROM pg_stat_activity WHERE backend_type = 'client backend'`;
  await sql.end({ timeout: 1 });
  const count = Math.ceil(HOARDED_SHARE * (max - RESERVED_CONNECTIONS)) - open + 1;
  const greedy = postgres(url, { max: count, onnotice: () => {} });
  try {
    for (let taken = 0; taken < count; taken++) await greedy.reserve();
    await minutes(9);
  } finally {
    await greedy.end({ timeout: 1 });
  }
}

async function pin(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`SELECT pg_advisory_lock(1)`;
    await minutes(18);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
