import assert from "node:assert/strict";
import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { logOf, nothingIsRecorded } from "../evidence.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";

/** Makes the kernel answer a write as on a full disk, without filling a disk. */
export async function fillDisk(lab: Lab, load: Load): Promise<void> {
  const { sql } = lab;
  const said = logOf(lab, lab.ordersDatabase);
  await using undo = new AsyncDisposableStack();
  await sql`CREATE TABLE no_space (byte int)`;
  undo.defer(async () => void (await sql`DROP TABLE no_space`));
  await sql`GRANT INSERT ON no_space TO billing`;
  // The new file must have no pending writes, because /dev/full would refuse them.
  await sql`CHECKPOINT`;
  const [{ path } = { path: "" }] = await sql<{ path: string }[]>`
    SELECT current_setting('data_directory') || '/' || pg_relation_filepath('no_space') AS path`;
  const aside = join(path, "../../..", "no_space");
  await rename(path, aside);
  undo.defer(async () => {
    await rm(path);
    await rename(aside, path);
  });
  await symlink("/dev/full", path);
  await sql`CREATE FUNCTION write_no_space() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO no_space VALUES (1); RETURN NULL; END'`;
  undo.defer(async () => void (await sql`DROP FUNCTION write_no_space CASCADE`));
  await sql`CREATE TRIGGER no_space AFTER INSERT ON orders EXECUTE FUNCTION write_no_space()`;
  await nothingIsRecorded(sql, load, 4);
  assert.match(said(), /could not extend file .*: No space left on device/);
}
