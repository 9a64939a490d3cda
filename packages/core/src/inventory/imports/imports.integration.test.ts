import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../../database.ts";
import { createImport, importFromId } from "./index.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
const database = openDatabase({ url: inject("moviesUrl"), name: "test" });
beforeEach(() => admin`TRUNCATE imports, import_chunks`);
afterAll(() => Promise.all([admin.end(), database.close()]));

const body = { format: "csv", bytes: 1_000, sha256: "ab".repeat(32) } as const;
const create = () => database.run((db) => createImport(db, body, "ann"));
const read = (id: string, owner = "ann") => database.run((db) => importFromId(db, id, owner));

test("an announced import awaits its upload, and only its owner can read it", async () => {
  const made = await create();
  expect(made).toMatchObject({ state: "awaiting_upload", format: "csv", rows: { done: 0, added: 0 } });
  expect(await read(made.id)).toEqual(made);
  expect(await read(made.id, "bob")).toBeUndefined();
  expect(await read(randomUUID())).toBeUndefined();
});

test.each([
  ["never_uploaded", "NULL"],
  ["stalled", "now() - interval '2 hours'"],
])("an import without progress for an hour has failed: %s", async (reason, startedAt) => {
  const { id } = await create();
  await admin.unsafe(
    `UPDATE imports SET progressed_at = now() - interval '59 minutes', started_at = ${startedAt}`,
  );
  expect(await read(id)).not.toMatchObject({ state: "failed" });
  await admin`UPDATE imports SET progressed_at = now() - interval '61 minutes'`;
  expect(await read(id)).toMatchObject({ state: "failed", reason });
});
