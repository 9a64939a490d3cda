import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";
import { importSlotTable } from "./import.sql.ts";

/**
 * How long a slot is lent, by the clock of the database. A killed loader's slot is free again at the end of it. A loader
 * needs less: at most 6 s to read its chunk, and then some milliseconds of the 5 s that a statement may take. One that is
 * later than the next taker loads nothing.
 */
export const LEASE_SECONDS = 10;

/** A slot that a loader has taken. It holds it as long as `lease` is the slot's number. */
export interface Slot {
  slot: number;
  lease: number;
}

/** Takes a slot of the loaders' common budget; undefined when no slot is free. */
export async function takeSlot(db: Db): Promise<Slot | undefined> {
  const [slot] = await db.execute<Slot & Record<string, unknown>>(sql`
    UPDATE ${importSlotTable} SET lease = lease + 1, free_at = now() + make_interval(secs => ${LEASE_SECONDS})
    WHERE slot = (
      SELECT slot FROM ${importSlotTable} WHERE free_at <= now() ORDER BY free_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING slot, lease`);
  return slot;
}
