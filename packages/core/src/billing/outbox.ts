import { inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../database.ts";
import { eventId, type OrderEvent, type OrderEventType } from "../events/index.ts";
import { outboxTable } from "./order.sql.ts";

/**
 * For so long a row belongs to the relay that took it: longer than its statements and the 8 s of a confirm together. The
 * events of a relay that died are published by another one after this time.
 */
const LEASE_SECONDS = 30;
/** The longest pause after failures: events go out again so soon after RabbitMQ returns. */
const PAUSE_SECONDS_MAX = 3;

/** An event that is due, with the W3C trace context of its order. */
export interface DueEvent {
  event: OrderEvent;
  traceparent: string | undefined;
}

export interface DueRow {
  id: number;
  events: DueEvent[];
}

/** A part of a statement's WITH: writes one row to the outbox for these ids of orders, if there are any. */
export function due(type: OrderEventType, ids: SQL): SQL {
  return sql`due AS (
    INSERT INTO outbox (type, order_ids)
    SELECT ${type}, array_agg(id) FROM (${ids}) AS ids (id) HAVING count(*) > 0
  )`;
}

interface Source {
  id: string;
  owner: string | null;
  traceparent?: string | null;
  at: string;
  user_id: number;
  number_of_items: number;
  total_amount: string;
  movie_id: number | null;
  reason: string;
}

/**
 * Takes at most `rowsMax` rows that are due, the longest due first, and makes their events from the orders. Relays do
 * not wait for each other. An order that was erased meanwhile has an event without the person, and a rejection past its
 * life has no event. A row of a type that a later version has added waits for a relay of that version.
 */
export async function takeDue(db: Db, rowsMax: number): Promise<DueRow[]> {
  const taken = await db.execute<{ id: string; type: OrderEventType; sources: Source[] | null }>(sql`
    WITH due AS (
      SELECT id FROM outbox WHERE due_at <= now() AND type IN ('order.recorded', 'order.rejected')
      ORDER BY due_at LIMIT ${rowsMax} FOR UPDATE SKIP LOCKED
    ), taken AS (
      UPDATE outbox SET attempts = attempts + 1, due_at = now() + ${LEASE_SECONDS} * interval '1 second'
      FROM due WHERE outbox.id = due.id
      RETURNING outbox.id, type, order_ids
    )
    SELECT id, type, CASE type
      WHEN 'order.recorded' THEN (
        SELECT json_agg(json_build_object('id', id, 'owner', owner, 'traceparent', traceparent, 'at', recorded_at,
          'user_id', user_id, 'number_of_items', number_of_items, 'total_amount', total_amount::text,
          'movie_id', movie_id))
        FROM orders WHERE id = ANY (order_ids))
      ELSE (
        SELECT json_agg(json_build_object('id', order_id, 'owner', owner, 'at', rejected_at, 'reason', reason))
        FROM rejections WHERE order_id = ANY (order_ids))
      END AS sources
    FROM taken`);
  return taken.map(({ id, type, sources }) => ({
    id: Number(id),
    events: (sources ?? []).map((source) => toDue(type, source)),
  }));
}

/** Deletes rows whose events are published. */
export async function published(db: Db, rowIds: readonly number[]): Promise<void> {
  await db.delete(outboxTable).where(inArray(outboxTable.id, [...rowIds]));
}

/** Gives rows back whose events could not be published; each is due again after a pause that grows with its attempts. */
export async function postpone(db: Db, rowIds: readonly number[]): Promise<void> {
  const pause = sql`least(${PAUSE_SECONDS_MAX}, 0.1 * 2 ^ least(${outboxTable.attempts}, 10))`;
  await db
    .update(outboxTable)
    .set({ dueAt: sql`now() + ${pause} * interval '1 second'` })
    .where(inArray(outboxTable.id, [...rowIds]));
}

/** The age of the oldest row in seconds, 0 for an empty outbox. */
export async function outboxAge(db: Db): Promise<number> {
  const [row] = await db.execute<{ age: number }>(sql`
    SELECT extract(epoch FROM now() - created_at)::float8 AS age FROM outbox ORDER BY id LIMIT 1`);
  return Math.max(0, row?.age ?? 0);
}

function toDue(type: OrderEventType, source: Source): DueEvent {
  const { id, owner, at, user_id, number_of_items, total_amount, movie_id, reason } = source;
  const common = { id: eventId(id, type), occurred_at: new Date(at).toISOString() };
  const order = { id, ...(owner !== null && { owner }) };
  const event: OrderEvent =
    type === "order.rejected"
      ? { ...common, type, order: { ...order, reason } }
      : {
          ...common,
          type,
          order: {
            ...order,
            // 0 after an erasure.
            ...(user_id > 0 && { user_id }),
            number_of_items,
            total_amount,
            ...(movie_id !== null && { movie_id }),
          },
        };
  return { event, traceparent: source.traceparent ?? undefined };
}
