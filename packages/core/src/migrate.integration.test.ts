import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, expect, inject, test } from "vitest";
import { applyMigrations, databaseUrl } from "./migrate.ts";
import { type TestMigration, writeMigrations } from "./testing/migrations.ts";

const DATABASE = "migrations_test";
const FIRST = { tag: "0000_first", when: 1_000, sql: "CREATE TABLE first ()" };
const SECOND = { tag: "0001_second", when: 2_000, sql: "CREATE TABLE second ()" };
const THIRD = { tag: "0002_third", when: 3_000, sql: "CREATE TABLE third ()" };

const admin = postgres(inject("adminUrl"), { max: 1, onnotice: () => {} });
const url = databaseUrl(inject("adminUrl"), DATABASE);
let folder: string;

beforeEach(async () => {
  await admin.unsafe(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await admin.unsafe(`CREATE DATABASE ${DATABASE}`);
  folder = mkdtempSync(join(tmpdir(), "cloud-design-migrations-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(async () => {
  await admin.unsafe(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await admin.end();
});

/** Deploys a version that has these migrations. */
function deploy(...migrations: TestMigration[]): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  return applyMigrations(url, writeMigrations(folder, migrations));
}

async function tables(): Promise<string[]> {
  const sql = postgres(url, { max: 1 });
  try {
    const rows = await sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
    return rows.map(({ tablename }) => tablename);
  } finally {
    await sql.end();
  }
}

test("new migrations are applied, and a second run changes nothing", async () => {
  expect(await deploy(FIRST)).toBe(0);
  expect(await deploy(FIRST, SECOND)).toBe(0);
  expect(await deploy(FIRST, SECOND)).toBe(0);
  expect(await tables()).toEqual(["first", "second"]);
});

test.each<[string, TestMigration[], TestMigration[], string]>([
  [
    "that is older than one that was applied",
    [FIRST, THIRD],
    [FIRST, SECOND, THIRD],
    'The migration 0001_second would be skipped, because a later one was applied: give it a later "when"',
  ],
  [
    "that is not later than the one before it",
    [FIRST],
    [FIRST, { ...SECOND, when: FIRST.when }, THIRD],
    "The migration 0001_second is not later than 0000_first",
  ],
  [
    "that was changed after it was applied",
    [FIRST],
    [{ ...FIRST, sql: "CREATE TABLE other ()" }, SECOND],
    "The migration 0000_first was changed after it was applied: undo that, and write another one",
  ],
  [
    "that is gone from the journal",
    [FIRST, SECOND],
    [FIRST, { ...THIRD, tag: "0001_third" }],
    "The database has a migration of 1970-01-01T00:00:02.000Z that is gone from the journal: bring it back",
  ],
  [
    "whose journal entry was replaced by another migration",
    [FIRST, SECOND],
    [FIRST, { ...SECOND, when: 1_500 }],
    "The migration 0001_second would be skipped",
  ],
])(
  "a migration %s is refused in one sentence and no migration is applied",
  async (_, before, after, reason) => {
    await deploy(...before);
    const found = await tables();
    await expect(deploy(...after)).rejects.toThrow(reason);
    expect(await tables()).toEqual(found);
  },
);

test("an older version works with the tables of a newer one and reports the difference", async () => {
  await deploy(FIRST, SECOND, THIRD);
  expect(await deploy(FIRST)).toBe(2);
  expect(await tables()).toEqual(["first", "second", "third"]);
});

test("a migration that fails half-way leaves no trace, and is applied in full once it is fixed", async () => {
  await deploy(FIRST);
  const half = `${SECOND.sql};\n--> statement-breakpoint\nALTER TABLE nowhere ADD COLUMN half text`;
  await expect(deploy(FIRST, { ...SECOND, sql: half }, THIRD)).rejects.toThrow();
  expect(await tables()).toEqual(["first"]);
  await deploy(FIRST, SECOND, THIRD);
  expect(await tables()).toEqual(["first", "second", "third"]);
});

test("an SQL file that the journal does not name is refused before any migration is applied", async () => {
  writeMigrations(folder, [FIRST]);
  writeFileSync(join(folder, "0001_second.sql"), SECOND.sql);
  await expect(applyMigrations(url, folder)).rejects.toThrow("0001_second.sql");
  expect(await tables()).toEqual([]);
});
