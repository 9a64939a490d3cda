import { cp, readdir, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { giveToUnprivileged } from "@cloud-design/local/servers/unprivileged";
import type postgres from "postgres";

/** Files of the running process, or files that a start creates (PostgreSQL manual, 25.3.3 "Making a Base Backup Using the Low Level API"). */
const LEFT_OUT = ["postmaster.pid", "postmaster.opts", "pg_internal.init"];
const LEFT_EMPTY = [
  "pg_wal",
  "pg_replslot",
  "pg_dynshmem",
  "pg_notify",
  "pg_serial",
  "pg_snapshots",
  "pg_stat_tmp",
  "pg_subtrans",
];

/** Copies a running server's files, as a snapshot does, with the part of its log that makes them consistent. */
export async function copyServer(sql: postgres.Sql, to: string): Promise<void> {
  const session = await sql.reserve();
  try {
    const [{ data_directory: from }] = await session<[{ data_directory: string }]>`SHOW data_directory`;
    await session`SELECT pg_backup_start('copy', fast => true)`;
    await cp(from, to, { recursive: true, filter: (path) => isCopied(relative(from, path).split(sep)) });
    const [{ labelfile }] = await session<[{ labelfile: string }]>`
      SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)`;
    await writeFile(join(to, "backup_label"), labelfile);
    await cp(join(from, "pg_wal"), join(to, "pg_wal"), { recursive: true });
  } finally {
    session.release();
  }
  for (const path of ["", ...(await readdir(to, { recursive: true }))])
    await giveToUnprivileged(join(to, path));
}

function isCopied([top = "", ...below]: string[]): boolean {
  return !(LEFT_EMPTY.includes(top) && below.length > 0) && !LEFT_OUT.includes(below.at(-1) ?? top);
}
