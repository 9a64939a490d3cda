import { sql } from "drizzle-orm";
import type { Db } from "../../database.ts";
import { importSlotTable } from "./import.sql.ts";
import type { Slot } from "./take-slot.ts";

/** Gives a slot back for which nothing was loaded, unless another loader has it by now. */
export async function freeSlot(db: Db, { slot, lease }: Slot): Promise<void> {
  await db.execute(
    sql`UPDATE ${importSlotTable} SET free_at = now() WHERE slot = ${slot} AND lease = ${lease}`,
  );
}
