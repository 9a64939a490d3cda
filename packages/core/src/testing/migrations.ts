import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface TestMigration {
  tag: string;
  /** Milliseconds since 1970. */
  when: number;
  sql: string;
  /** A number in the journal that differs from its position. */
  idx?: number;
}

/** Writes a folder in the layout of drizzle-kit. */
export function writeMigrations(folder: string, migrations: readonly TestMigration[]): string {
  mkdirSync(join(folder, "meta"), { recursive: true });
  const entries = migrations.map(({ tag, when, idx }, index) => ({
    idx: idx ?? index,
    version: "7",
    when,
    tag,
    breakpoints: true,
  }));
  writeFileSync(
    join(folder, "meta/_journal.json"),
    JSON.stringify({ version: "7", dialect: "postgresql", entries }),
  );
  for (const { tag, sql } of migrations) writeFileSync(join(folder, `${tag}.sql`), sql);
  return folder;
}
