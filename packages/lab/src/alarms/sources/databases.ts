import { readFileSync } from "node:fs";
import { withDeadline } from "@cloud-design/core/retry";
import { family } from "@cloud-design/local/supervisor/process-table";
import postgres from "postgres";
import * as z from "zod";
import { keyOf, type Recorder } from "../recorder.ts";
import { sampling } from "./source.ts";

/** The alarm's threshold; a server of the laboratory starts with the spare bytes above it. */
const STORAGE_ALARM_BYTES = 1024 ** 3;
const STORAGE_SPARE_BYTES = 96 * 1024 ** 2;
/**
 * A server's disk in the laboratory: the operations and bytes a second that it has for ever, far above the laboratory's traffic, and the seconds
 * at twice that rate that its reserve lasts for. A full reserve of a t4g lasts for half an hour at its maximum.
 */
const DISK = { operations: 500, bytes: 4 * 1024 ** 2, reserveSeconds: 10 };

/** The application name of the session that reads these figures. RDS Proxy would not have opened it, so it is not counted. */
const WATCHER = "alarms-watcher";

const Figures = z.object({
  bytes: z.coerce.number(),
  connections: z.coerce.number(),
  allowed: z.coerce.number(),
  pinned: z.coerce.number(),
  operations: z.coerce.number(),
  transferred: z.coerce.number(),
});

export interface WatchedServer {
  noun: "inventory" | "billing";
  adminUrl: string;
  /** The pid of the server's first process; 0 while the server does not run. */
  pid(): number;
}

/**
 * AWS/RDS metrics of a server: processor time, as if it had one core of its own; its tables against a disk that has 96 MiB more than the
 * alarm's threshold; its reads and writes against the reserve of a small disk; and its sessions, as RDS Proxy counts open and pinned ones.
 */
export async function watchDatabase(
  { noun, adminUrl, pid }: WatchedServer,
  recorder: Recorder,
): Promise<AsyncDisposable> {
  const take = (metric: string, part: string, value: number) =>
    recorder.take(keyOf(recorder.wanted, `AWS/RDS ${metric}`, `${noun}-${part}`), value);
  const watching = new AsyncDisposableStack();
  const sql = postgres(adminUrl, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 1,
    connection: { application_name: WATCHER },
  });
  watching.defer(() => sql.end({ timeout: 1 }));
  const quota = (await figuresOf(sql)).bytes + STORAGE_ALARM_BYTES + STORAGE_SPARE_BYTES;
  const reserves = { IO: reserve(DISK.operations), Byte: reserve(DISK.bytes) };
  const busy = processorClock(pid);
  watching.use(
    sampling(() => {
      const percent = busy();
      if (percent !== undefined) take("CPUUtilization", "instance", percent);
    }),
  );
  watching.use(
    // Once a minute, as RDS Proxy does, because its figures are summed.
    sampling(async () => {
      const figures = await withDeadline(figuresOf(sql), 0.9, "The database");
      const { bytes, connections, allowed, pinned, operations, transferred } = figures;
      take("FreeStorageSpace", "instance", Math.max(0, quota - bytes));
      take("EBSIOBalance%", "instance", reserves.IO(operations));
      take("EBSByteBalance%", "instance", reserves.Byte(transferred));
      take("DatabaseConnections", "proxy", connections);
      take("MaxDatabaseConnectionsAllowed", "proxy", allowed);
      take("DatabaseConnectionsCurrentlySessionPinned", "proxy", pinned);
    }, 1_000),
  );
  return watching;
}

/** A session counts as pinned if it keeps a lock beyond its transaction: the only reason for pinning that other sessions can see. */
async function figuresOf(sql: postgres.Sql) {
  const [row] = await sql`
    WITH client AS (
      SELECT pid, state FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND application_name <> ${WATCHER})
    SELECT
      (SELECT sum(pg_database_size(oid)) FROM pg_database) AS bytes,
      (SELECT count(*) FROM client) AS connections,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS allowed,
      (SELECT count(DISTINCT pid) FROM pg_locks JOIN client USING (pid)
        WHERE locktype = 'advisory' AND granted AND state = 'idle') AS pinned,
      (SELECT sum(coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0)) FROM pg_stat_io) + wal_write AS operations,
      (SELECT sum((coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0)) * op_bytes) FROM pg_stat_io) + wal_bytes AS transferred
    FROM pg_stat_wal`;
  return Figures.parse(row);
}

/** Returns how much of a reserve is left, in percent, after each reading of a counter whose growth beyond `perSecond` uses it up. */
function reserve(perSecond: number): (counter: number) => number {
  const full = perSecond * DISK.reserveSeconds;
  let left = full;
  let last: { counter: number; at: number } | undefined;
  return (counter) => {
    const at = performance.now();
    if (last) {
      const granted = (perSecond * (at - last.at)) / 1_000;
      left = Math.min(full, Math.max(0, left + granted - (counter - last.counter)));
    }
    last = { counter, at };
    return (100 * left) / full;
  };
}

/**
 * Returns the processor time since the last call, in percent of one core; undefined while the server does not run. Time that its processes
 * waited for a core counts as well, because a server of RDS does not share its cores.
 */
function processorClock(pid: () => number): () => number | undefined {
  let last = { times: new Map<number, number>(), at: performance.now() };
  return () => {
    const before = last;
    const leader = pid();
    const members = leader === 0 ? [] : family(leader);
    last = { times: new Map(members.map((member) => [member, wantedMs(member)])), at: performance.now() };
    if (!before.times.has(leader)) return undefined;
    const wanted = [...last.times].map(([member, ms]) => ms - (before.times.get(member) ?? ms));
    const percent = (100 * wanted.reduce((sum, ms) => sum + ms, 0)) / (last.at - before.at);
    return Math.round(Math.min(100, Math.max(0, percent)));
  };
}

/** How long a process has run or waited to run, in milliseconds (Linux, Documentation/scheduler/sched-stats). */
function wantedMs(pid: number): number {
  const [ran = 0, waited = 0] = readOrEmpty(`/proc/${pid}/schedstat`).split(" ").map(Number);
  return (ran + waited) / 1e6;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has ended meanwhile
  }
}
