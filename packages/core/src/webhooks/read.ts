import { and, asc, eq, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { webhookColumns, webhookOf } from "./row.ts";
import { webhookTable } from "./webhook.sql.ts";
import type { Webhook } from "./webhook.ts";

/** All webhooks of this owner, the oldest first. */
export async function list(db: Db, owner: string): Promise<Webhook[]> {
  const rows = await db
    .select(webhookColumns)
    .from(webhookTable)
    .where(eq(webhookTable.owner, owner))
    .orderBy(asc(webhookTable.createdAt), asc(webhookTable.id));
  return rows.map(webhookOf);
}

/** Undefined when this owner has no webhook with this id. */
export async function fromId(db: Db, id: string, owner: string): Promise<Webhook | undefined> {
  const [row] = await db.select(webhookColumns).from(webhookTable).where(ownedBy(id, owner));
  return row && webhookOf(row);
}

/** Deletes a webhook and returns it; undefined when this owner has no webhook with this id. */
export async function remove(db: Db, id: string, owner: string): Promise<Webhook | undefined> {
  const [row] = await db.delete(webhookTable).where(ownedBy(id, owner)).returning(webhookColumns);
  return row && webhookOf(row);
}

function ownedBy(id: string, owner: string) {
  return and(eq(webhookTable.id, id), eq(webhookTable.owner, owner));
}

/** The webhooks of these owners, by owner. The owners are one parameter in JSON: RDS Proxy pins a session for a statement over 16 KB. */
export async function ofOwners(
  db: Db,
  owners: readonly string[],
): Promise<ReadonlyMap<string, readonly Webhook[]>> {
  if (owners.length === 0) return new Map();
  const rows = await db
    .select({ ...webhookColumns, owner: webhookTable.owner })
    .from(webhookTable)
    .where(sql`${webhookTable.owner} IN (SELECT json_array_elements_text(${JSON.stringify(owners)}))`);
  const byOwner = Map.groupBy(rows, ({ owner }) => owner);
  return new Map([...byOwner].map(([owner, theirs]) => [owner, theirs.map(webhookOf)]));
}

/** Those of these ids that have not been deleted. */
export async function existing(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ id: webhookTable.id })
    .from(webhookTable)
    .where(sql`${webhookTable.id} IN (SELECT json_array_elements_text(${JSON.stringify(ids)}))`);
  return new Set(rows.map(({ id }) => id));
}
