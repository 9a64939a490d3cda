import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { applyMigrations, STORES } from "@cloud-design/core/migrate";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import type { Lab } from "../lab.ts";
import { replaceAll } from "../replace-all.ts";
import { until } from "../until.ts";
import { onFleet, withStatuses } from "./on-fleet.ts";

/** More than twice the 2 s that a service waits for a lock, which is as often as the gateway retries: a request that queued for so long would be refused. */
const REPORT_SECONDS = 6;
const BATCH = 500;

/** The three deployments of "Migrations" in docs/how/databases.md. Each applies its own migration after the earlier ones. */
const MIGRATIONS = {
  expand: [
    "ALTER TABLE orders ADD COLUMN currency text",
    "ALTER TABLE orders ALTER COLUMN currency SET DEFAULT 'EUR'",
  ],
  use: ["ALTER TABLE orders ADD CONSTRAINT orders_have_a_currency CHECK (currency IS NOT NULL) NOT VALID"],
  check: ["ALTER TABLE orders VALIDATE CONSTRAINT orders_have_a_currency"],
  contract: ["ALTER TABLE orders DROP COLUMN IF EXISTS currency"],
};
type Tag = keyof typeof MIGRATIONS;

export const SCHEMA_MIGRATION = onFleet({
  name: "schema-migration",
  hypothesis:
    "A column is added, filled, used and dropped while tasks of two versions run, without a failed request.",
  injection: `expand, fill, use, contract by the function of the migrations, each while a report reads the table for ${REPORT_SECONDS} s; a rolling restart between`,
  promises: ["R7"],
  isFast: false,
  async inject({ billing, databases }, lab, load) {
    await using folder = await temporaryDirectory();
    // biome-ignore lint/plugin: the journal of migrations has wall time.
    const since = Date.now();
    const deploy = async (tag: Tag) => {
      await writeMigrations(folder.path, tag, since);
      await applyMigrations(databases.orders.adminUrl, folder.path);
    };
    await withStatuses(lab, load, async () => {
      try {
        await behindReport(lab, () => deploy("expand"));
        await replaceAll(billing);
        const filled = await fill(lab);
        assert(filled > 0, "there was nothing to fill");
        await behindReport(lab, () => deploy("use"));
        // A reader does not block this one.
        await deploy("check");
      } finally {
        await behindReport(lab, () => deploy("contract"));
        await lab.sql`DELETE FROM drizzle.__drizzle_migrations WHERE created_at >= ${since}`;
      }
    });
  },
});

/** The migrations folder of billing, continued as drizzle-kit would do it, with all migrations up to this one. */
async function writeMigrations(folder: string, last: Tag, since: number): Promise<void> {
  const tags = Object.keys(MIGRATIONS) as Tag[];
  await cp(STORES.billing.migrations, folder, { recursive: true });
  const journalFile = join(folder, "meta/_journal.json");
  const journal = JSON.parse(await readFile(journalFile, "utf8"));
  const added = tags.slice(0, tags.indexOf(last) + 1);
  for (const [index, tag] of added.entries())
    journal.entries.push({
      idx: journal.entries.length,
      version: "7",
      when: since + index,
      tag,
      breakpoints: true,
    });
  await writeFile(journalFile, JSON.stringify(journal));
  for (const tag of added)
    await writeFile(join(folder, `${tag}.sql`), MIGRATIONS[tag].join(";\n--> statement-breakpoint\n"));
}

/** A report reads the table in a long transaction, so that the migration must wait for it. */
async function behindReport(lab: Lab, migrate: () => Promise<void>): Promise<void> {
  const report = await lab.sql.reserve();
  try {
    await report`BEGIN`;
    await report`SELECT count(*) FROM orders`;
    let isOver = false;
    const migrated = migrate().finally(() => {
      isOver = true;
    });
    const isWaiting = async () =>
      (await lab.sql`SELECT FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass`).length > 0;
    await until("the migration asks for the table", async () => isOver || (await isWaiting()));
    await sleep(REPORT_SECONDS * 1_000);
    assert(!isOver, "the migration did not wait for the report");
    await report`COMMIT`;
    await migrated;
  } finally {
    await report`ROLLBACK`;
    report.release();
  }
}

/** In small transactions, so that no row is locked for long. */
async function fill({ sql }: Lab): Promise<number> {
  for (let filled = 0; ; ) {
    const { count } = await sql`UPDATE orders SET currency = 'EUR'
      WHERE id IN (SELECT id FROM orders WHERE currency IS NULL LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
    if (count === 0) return filled;
    filled += count;
  }
}
