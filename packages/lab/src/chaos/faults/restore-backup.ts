import assert from "node:assert/strict";
import { join } from "node:path";
import { freePort } from "@cloud-design/local/servers/free-port";
import { postgresPart } from "@cloud-design/local/servers/postgres";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { readPlatform } from "@cloud-design/local/supervisor/platform-file";
import postgres from "postgres";
import * as z from "zod";
import { checkBooks, isRight, type OrderRow } from "../books.ts";
import { copyServer } from "../copy-server.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { startProcess } from "../start-process.ts";

/** Enough that an empty backup would be noticed. */
const RECORDED_MIN = 50;

const Platform = z.object({ databases: z.object({ orders: z.object({ adminUrl: z.string() }) }) });

export const RESTORE_BACKUP: Fault = {
  name: "restore-backup",
  hypothesis:
    "A backup that was taken under load contains every order that was recorded before it, each unchanged, and no invented order.",
  injection:
    "the files of the database of orders are copied while orders arrive, and a second server starts on the copy",
  promises: ["R7"],
  isFast: false,
  async inject(lab, load) {
    await using folder = await temporaryDirectory();
    while ((await idsOf(lab.sql)).size < RECORDED_MIN) await load.order();
    const point = await settledPoint(lab.sql);
    const recordedBefore = await idsOf(lab.sql);
    const directory = join(folder.path, "restored");
    await copyServer(lab.sql, join(directory, "data"));
    await using restored = await openRestored(lab, directory);
    await compareWithLedger(restored.sql, load, recordedBefore);
    assert.deepEqual(
      [...(await compare(restored.sql, point))],
      [...(await compare(lab.sql, point))],
      "the restored orders are not the recorded ones",
    );
  },
};

/** The query of "Restore" in docs/deploy.md: both servers return the same line if every order is there and unchanged. */
function compare(sql: postgres.Sql, point: string) {
  return sql`SELECT count(*), sum(total_amount), md5(string_agg(md5(o::text), '' ORDER BY id))
    FROM orders o WHERE recorded_at < ${point}`;
}

/** A time before which every transaction has ended. */
async function settledPoint(sql: postgres.Sql): Promise<string> {
  const [{ point }] = await sql<[{ point: string }]>`
    SELECT coalesce(min(xact_start), now())::text AS point FROM pg_stat_activity WHERE usename = 'billing'`;
  return point;
}

async function compareWithLedger(
  sql: postgres.Sql,
  { operations }: Load,
  recordedBefore: ReadonlySet<string>,
): Promise<void> {
  const users = new Set(operations.map(({ userId }) => userId));
  const rows = await sql<OrderRow[]>`
    SELECT id, user_id AS "userId", number_of_items AS "numberOfItems", total_amount AS "totalAmount" FROM orders`;
  const restored = new Set(rows.map(({ id }) => id));
  const missing = [...recordedBefore].filter((id) => !restored.has(id));
  assert.deepEqual(missing, [], "orders are missing that were recorded before the backup");
  const verdict = checkBooks({
    // An order that was recorded while the files were copied may be missing.
    operations: operations.map((operation) =>
      operation.ids.some((id) => recordedBefore.has(id))
        ? operation
        : { ...operation, outcome: "indeterminate" },
    ),
    orders: rows.filter(({ userId }) => users.has(userId)),
    rejected: new Set(),
    statuses: new Map(),
  });
  assert(isRight(verdict), `the backup is not what was ordered: ${JSON.stringify(verdict)}`);
}

async function idsOf(sql: postgres.Sql): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`SELECT id FROM orders`;
  return new Set(rows.map(({ id }) => id));
}

/** A second server beside the running one. */
async function openRestored(lab: Lab, directory: string) {
  const { adminUrl } = Platform.parse(readPlatform(lab.directory)).databases.orders;
  const password = decodeURIComponent(new URL(adminUrl).password);
  const port = await freePort();
  const part = postgresPart({ name: "restored", port, directory, password });
  const running = await startProcess(part, join(directory, "log"));
  const sql = postgres({
    host: "127.0.0.1",
    port,
    user: "postgres",
    password,
    database: "orders",
    max: 1,
    onnotice: () => {},
  });
  return {
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await running.stop();
    },
  };
}
