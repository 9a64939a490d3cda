import { type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import type { Db } from "../database.ts";
import { storableText } from "../text.ts";

/** The tables whose rows name a person. */
const TABLES = ["orders", "rejections"] as const;

/** `sub` of a person's tokens. */
export const Owner = storableText.min(1).max(300);

/**
 * A place in a walk through both tables. No index leads from an owner to the rows: it would cost each order 59
 * bytes and a random write, for a few requests a year. So a walk reads each block of 8 KB once, in bounded steps.
 */
export const Place = z.strictObject({ table: z.enum(TABLES), block: z.int().min(0).max(0xffff_ffff) });
export type Place = z.output<typeof Place>;

export const BEGINNING: Place = { table: "orders", block: 0 };

/** The blocks that a step reads: 2 MB, at most some 12,000 orders. */
const STEP_BLOCKS = 256;

export interface Step {
  place: Place;
  /** Undefined after the last block of the last table. */
  next: Place | undefined;
}

/** One step of a walk. Rows that are written during a walk may be missed by it. */
export interface FoundRows extends Step {
  /** With all their columns; `total_amount` is a text with two decimals. */
  rows: Record<string, unknown>[];
}

/** The rows of this owner in the blocks from `place`. */
export async function findPerson(db: Db, owner: string, place: Place): Promise<FoundRows> {
  const found = await db.execute<{ row: Record<string, unknown> }>(
    place.table === "orders"
      ? sql`SELECT to_jsonb(o) || jsonb_build_object('total_amount', total_amount::text) AS row
            FROM orders o WHERE ${inStep(place)} AND owner = ${owner}`
      : sql`SELECT to_jsonb(r) AS row FROM rejections r WHERE ${inStep(place)} AND owner = ${owner}`,
  );
  return { rows: found.map(({ row }) => row), ...(await stepFrom(db, place)) };
}

/**
 * Takes the person out of the rows of this owner in the blocks from `place`, and keeps the rows: an order's number and
 * money belong to the books, and the ledger counts its id. `user_id` becomes 0, which no order has. Needs more rights
 * than billing has. Returns how many rows it changed.
 */
export async function erasePerson(db: Db, owner: string, place: Place): Promise<Step & { erased: number }> {
  const erased = await db.execute(
    place.table === "orders"
      ? sql`UPDATE orders SET owner = NULL, user_id = 0, traceparent = NULL
            WHERE ${inStep(place)} AND owner = ${owner} RETURNING 1`
      : sql`UPDATE rejections SET owner = NULL WHERE ${inStep(place)} AND owner = ${owner} RETURNING 1`,
  );
  return { erased: erased.length, ...(await stepFrom(db, place)) };
}

function inStep({ block }: Place): SQL {
  return sql`ctid >= ${`(${block},0)`}::tid AND ctid < ${`(${endOf(block)},0)`}::tid`;
}

async function stepFrom(db: Db, place: Place): Promise<Step> {
  const end = endOf(place.block);
  const [size] = await db.execute<{ blocks: number }>(sql`
    SELECT (pg_relation_size(${place.table}::regclass) / current_setting('block_size')::int)::float8 AS blocks`);
  if (end < (size?.blocks ?? 0)) return { place, next: { table: place.table, block: end } };
  const table = TABLES[TABLES.indexOf(place.table) + 1];
  return { place, next: table && { table, block: 0 } };
}

/** A block's number has 32 bits. */
function endOf(block: number): number {
  return Math.min(block + STEP_BLOCKS, 0xffff_ffff);
}
