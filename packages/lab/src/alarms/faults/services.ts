import postgres from "postgres";
import { paused } from "../../chaos/evidence.ts";
import type { AlarmFault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { minutes } from "../minutes.ts";
import { without, withoutServer } from "../without.ts";

/**
 * Three windows of five minutes, and the two before them that stand in for what is missing: CloudWatch takes the server for gone only when
 * none of them has anything of it.
 */
const GONE_MINUTES = 28;

/** Between the gateway and a database. */
export const SERVICE_FAULTS: readonly AlarmFault[] = [
  {
    name: "inventory-frozen",
    injection:
      "every task of inventory stands still for 26 minutes, and so do those that ECS would start for it",
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
      "for 12 minutes inventory may not read its table, and billing nothing but the ids of its own, as after a slip in the administration",
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
    // What it needs to record an order, and the ledger to find it.
    await sql`GRANT SELECT (id) ON orders TO billing`;
    await minutes(12);
  } finally {
    await movies`GRANT SELECT ON movies TO inventory`;
    await sql`REVOKE SELECT (id) ON orders FROM billing`;
    await sql`GRANT SELECT ON orders TO billing`;
    await movies.end({ timeout: 1 });
  }
}
