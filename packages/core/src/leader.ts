import { sql } from "drizzle-orm";
import type { Db } from "./database.ts";
import { leaseTable } from "./leader.sql.ts";

/**
 * How long a leader that says nothing stays the leader. A renewal is sent each 5 s and may be lost to a silent server:
 * its deadline of 6 s, the next attempt's pause of 1 s and a new connection's of up to 3 s end within it.
 */
export const LEASE_SECONDS = 15;

/** Only the database's clock counts, so that a wrong clock of a process changes nothing. */
const END = sql.raw(`now() + interval '${LEASE_SECONDS} seconds'`);

/**
 * The deletions of a service's leader, each with a name for the log: one statement of SQL for a small step. It reads
 * `FROM held`, a row that exists only while its process leads, and says as `swept`, or by what it deletes itself, how
 * many rows are gone.
 */
export type Sweeps = Readonly<Record<string, string>>;

/** Takes the lead if no process has it, or keeps it. Resolves with its epoch, undefined while another process leads. */
export async function lead(db: Db, holder: string): Promise<number | undefined> {
  const [row] = await db.execute<{ epoch: number }>(sql`
    UPDATE ${leaseTable} SET holder = ${holder}, epoch = epoch + (expires_at <= now())::int, expires_at = ${END}
    WHERE name = 'sweeper' AND (holder = ${holder} OR expires_at <= now())
    RETURNING epoch`);
  return row?.epoch;
}

/**
 * Does one step of a sweep, and keeps the lead by the same statement. Resolves with the number of changed rows: 0 when
 * there was nothing to do, or when this epoch is over. The row of the lease stays locked until the step is committed,
 * so that no successor begins before.
 */
export async function sweepAsLeader(db: Db, epoch: number, sweep: string): Promise<number> {
  const rows = await db.execute<{ swept?: number }>(sql`
    WITH held AS (
      UPDATE ${leaseTable} SET expires_at = ${END} WHERE name = 'sweeper' AND epoch = ${epoch} AND expires_at > now() RETURNING 1
    )
    ${sql.raw(sweep)}`);
  return rows[0]?.swept ?? rows.count;
}

/** Gives up the lead, so that a successor need not wait for its end. */
export async function resign(db: Db, epoch: number): Promise<void> {
  await db.execute(
    sql`UPDATE ${leaseTable} SET expires_at = '-infinity' WHERE name = 'sweeper' AND epoch = ${epoch}`,
  );
}
