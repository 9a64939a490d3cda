import postgres from "postgres";
import { paused } from "../../chaos/evidence.ts";
import type { AlarmFault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";
import { without, withoutServer } from "../without.ts";

/**
 * Three windows of five minutes, and the two before them that CloudWatch uses in place of missing ones: it treats the server as gone only if
 * all of them have no data.
 */
const GONE_MINUTES = 28;

/** Faults between the gateway and a database. */
export const SERVICE_FAULTS: readonly AlarmFault[] = [
  {
    name: "inventory-frozen",
    injection: "inventory is paused for 26 minutes, as if every task that ECS starts in its place hung too",
    calmMinutes: 36,
    async inject(lab) {
      using _inventory = paused(lab, "inventory");
      await minutes(26);
    },
  },
  {
    name: "inventory-database-stopped",
    injection: `the database of inventory is stopped for ${GONE_MINUTES} minutes and started again`,
    calmMinutes: 36,
    inject: (lab) => without(lab, "inventory-database", GONE_MINUTES),
  },
  {
    name: "billing-database-stopped",
    injection: `the database of billing is stopped for ${GONE_MINUTES} minutes and started again`,
    calmMinutes: 30,
    inject: (lab) => withoutServer("ordersDatabase", lab, GONE_MINUTES),
  },
  {
    name: "rights-revoked",
    injection:
      "for 12 minutes inventory may not read its table, and billing only the ids of its own, as after a mistake of an administrator",
    // Each read is one answer of a service, and ten a minute must fail.
    pace: { reads: 14, statuses: 14 },
    calmMinutes: 36,
    inject: revokeRights,
  },
];

async function revokeRights({ sql, moviesAdminUrl }: Laboratory): Promise<void> {
  const movies = postgres(moviesAdminUrl, { max: 1, onnotice: () => {} });
  try {
    await movies`REVOKE SELECT ON movies FROM inventory`;
    await sql`REVOKE SELECT ON orders FROM billing`;
    // Billing needs the ids to record an order, and the ledger needs them to find it.
    await sql`GRANT SELECT (id) ON orders TO billing`;
    await minutes(12);
  } finally {
    await movies`GRANT SELECT ON movies TO inventory`;
    await sql`REVOKE SELECT (id) ON orders FROM billing`;
    await sql`GRANT SELECT ON orders TO billing`;
    await movies.end({ timeout: 1 });
  }
}
