import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type postgres from "postgres";
import * as z from "zod";

const Journal = z.object({
  entries: z.array(z.object({ idx: z.int(), when: z.int(), tag: z.string() })),
});

interface Migration {
  tag: string;
  /** Milliseconds since 1970; drizzle compares them to find new migrations. */
  when: number;
  hash: string;
}

/**
 * The migrations of a folder in the order in which they are applied. Throws one sentence when the journal's times do
 * not ascend, or when it does not list each file of the folder exactly once.
 */
export function readJournal(folder: string): Migration[] {
  const { entries } = Journal.parse(JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8")));
  for (const [index, { idx, tag, when }] of entries.entries()) {
    const before = entries[index - 1];
    if (before && before.when >= when)
      throw new Error(
        `The migration ${tag} is not later than ${before.tag}: give it a later "when" in the journal`,
      );
    if (idx !== index)
      throw new Error(`The migration ${tag} has the number ${idx} in the journal and must have ${index}`);
  }
  const tags = new Set(entries.map(({ tag }) => tag));
  const forgotten = globSync("*.sql", { cwd: folder }).find((file) => !tags.has(basename(file, ".sql")));
  if (forgotten !== undefined || tags.size < entries.length)
    throw new Error(
      `The journal does not name each migration once: look for ${forgotten ?? "one that comes twice"}`,
    );
  const files = readMigrationFiles({ migrationsFolder: folder });
  return entries.map(({ tag, when }, index) => ({ tag, when, hash: files[index]?.hash ?? "" }));
}

/**
 * drizzle applies each migration that is later than the latest applied one, and silently skips all others. So this
 * function throws one sentence for a migration that would be skipped, was changed after it was applied, or is missing
 * from the journal. Returns how many migrations of the database are later than the whole journal: after a rollback, the
 * older version works with the tables of the newer one.
 */
export async function compareWithApplied(sql: postgres.Sql, folder: string): Promise<number> {
  const journal = readJournal(folder);
  const [{ table }] = await sql<[{ table: string | null }]>`
    SELECT to_regclass('drizzle.__drizzle_migrations') AS table`;
  if (table === null) return 0;
  const applied = new Map(
    (await sql`SELECT created_at, hash FROM drizzle.__drizzle_migrations`).map((row) => [
      Number(row.created_at),
      String(row.hash),
    ]),
  );
  const latest = Math.max(...applied.keys());
  for (const { tag, when, hash } of journal) {
    const hashThen = applied.get(when);
    if (hashThen !== undefined && hashThen !== hash)
      throw new Error(
        `The migration ${tag} was changed after it was applied: undo that, and write another one`,
      );
    if (hashThen === undefined && when <= latest)
      throw new Error(
        `The migration ${tag} would be skipped, because a later one was applied: give it a later "when"`,
      );
  }
  const unknown = [...applied.keys()].filter((when) => journal.every((migration) => migration.when !== when));
  const end = journal.at(-1)?.when ?? 0;
  const gone = unknown.find((when) => when < end);
  if (gone !== undefined)
    throw new Error(
      `The database has a migration of ${new Date(gone).toISOString()} that is gone from the journal: bring it back`,
    );
  return unknown.length;
}
