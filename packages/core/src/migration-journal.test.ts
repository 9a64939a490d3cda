import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { STORES } from "./migrate.ts";
import { readJournal } from "./migration-journal.ts";
import { type TestMigration, writeMigrations } from "./testing/migrations.ts";

/** A released migration must not change. A new migration adds its line here. */
const HASHES = {
  inventory: {
    "0000_create-movies": "736e5458b5bd1fc3d382bc8094050818b100055b37ba52998792a1465f67e665",
    "0001_search-titles": "7ca929bda4ca514f396ef5395ff20036b7c5a56130568bd538de88125ff71088",
    "0002_sweep-movie-requests": "ee38ee74dab471b9b41303b8731ae89c9f0eec7204b69000391f62d5b301becf",
    "0003_lead-the-sweep": "d25a7122dfb10ddd42ad5a14201e14a8fcf1612a5c4ca3d594990968cef8338f",
    "0004_create-imports": "1e86f50afb7e9f8107465ad3fdbc55fe45701c4847d79525b7796e09589c03df",
    "0005_count-orders": "e85a78a22b2dd0d672a3207ddc98839ece99464bb34c33235a967abfa2b50598",
    "0006_create-webhooks": "a6983b27dd43ecbf71dbdde49b8d238d6630869933f7cb504f426a3b9c0f6222",
  },
  billing: {
    "0000_create-orders": "b218e25038bad106ecb9f0e1c46f6348a40d67b4885b3496ac13e6c943d499ba",
    "0001_sweep-rejections": "b34bfcf13a35fbc7601f5c619eb022990a0bb1db719912c1340a7e41cc86f4dc",
    "0002_lead-the-sweep": "d25a7122dfb10ddd42ad5a14201e14a8fcf1612a5c4ca3d594990968cef8338f",
    "0003_add-outbox": "7870f777c7ced4e4da45d04d721d9419b43dcd0f168c0d0ff83fb13f9f4e2c86",
  },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloud-design-migrations-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(["inventory", "billing"] as const)(
  "the migrations of %s are in order, each has its file, and released ones are unchanged",
  (noun) => {
    const journal = readJournal(STORES[noun].migrations);
    expect(Object.fromEntries(journal.map(({ tag, hash }) => [tag, hash]))).toEqual(HASHES[noun]);
  },
);

const first = { tag: "0000_first", when: 1_000, sql: "SELECT 1" };
const second = { tag: "0001_second", when: 2_000, sql: "SELECT 2" };
test.each<[string, TestMigration[], string]>([
  [
    "a migration that is older than the one before it",
    [first, { ...second, when: 999 }],
    'The migration 0001_second is not later than 0000_first: give it a later "when" in the journal',
  ],
  [
    "a migration with the same time as the one before",
    [first, { ...second, when: 1_000 }],
    "0001_second is not later",
  ],
  ["a repeated number", [first, { ...second, idx: 0 }], "0001_second has the number 0"],
  ["a repeated migration", [first, { ...first, when: 2_000 }], "one that comes twice"],
])("%s is refused in a sentence that names it", (_, migrations, reason) => {
  writeMigrations(folder, migrations);
  expect(() => readJournal(folder)).toThrow(reason);
});

test("a file that the journal does not name is refused", () => {
  writeMigrations(folder, [first]);
  writeFileSync(join(folder, "0001_second.sql"), second.sql);
  expect(() => readJournal(folder)).toThrow("0001_second.sql");
});

test("a migration without its file is refused", () => {
  writeMigrations(folder, [first, second]);
  rmSync(join(folder, "0001_second.sql"));
  expect(() => readJournal(folder)).toThrow("0001_second.sql");
});
