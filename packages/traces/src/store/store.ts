import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SPAN_NAMES } from "@cloud-design/core/billing/events";
import { orderIdOf, type Span } from "./span.ts";

/** Some 20,000 orders. Other spans have their own limit: the status request every five seconds would otherwise push orders out overnight. Both are some 60 MB. */
const SPANS_MAX = { ofOrders: 80_000, others: 20_000 };
/** The limit for one trace or order: if a client sends one `traceparent` with a whole load, an answer must not contain all of it. */
const ANSWER_SPANS_MAX = 2_000;
/** How many spans are searched for the last orders: each order has some eight. */
const RECENT_SPANS_MAX = 2_000;
/** A change of the table's layout gets another number, and a file with the old one is deleted. */
const VERSION = 2;

export interface SpanStore {
  /** Keeps each span once, however often it is sent, and deletes the oldest. */
  add(spans: readonly Span[]): void;
  /** In the order of their start. */
  ofTrace(traceId: string): Span[];
  ofOrder(orderId: string): Span[];
  ordersOfTrace(traceId: string): string[];
  /** The orders with the latest spans, the latest first. */
  recentOrders(max: number): string[];
  /** The first order that a span of the names `sentBy` put into a queue and that no known span of the names `takenBy` took out. */
  oldestWaiting(
    hop: { sentBy: readonly string[]; takenBy: readonly string[] },
    fromId: number,
  ): Waiting | undefined;
  /** The times from the acceptance of an order to its row, in milliseconds, ascending: for the orders that were recorded since then. */
  timesToRecorded(sinceMs: number): number[];
  lastId(): number;
  count(): number;
  close(): void;
}

export interface Waiting {
  id: number;
  sinceMs: number;
}

/**
 * Spans in a file of this directory. A file that cannot be read is replaced. If a file is not possible, the spans are kept in memory and
 * `onNoFile` is called: no other part depends on them.
 */
export function openStore(
  directory: string,
  { spansMax = SPANS_MAX, onNoFile = (_: unknown) => {} } = {},
): SpanStore {
  const database = open(directory, onNoFile);
  const insert = database.prepare(
    `INSERT OR IGNORE INTO spans (trace_id, span_id, order_id, name, is_error, start_ms, end_ms, span) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const forget = forgetter(database, spansMax);
  const ofTrace = database.prepare(`SELECT span FROM spans WHERE trace_id = ? LIMIT ${ANSWER_SPANS_MAX}`);
  const ofOrder = database.prepare(`SELECT span FROM spans WHERE order_id = ? LIMIT ${ANSWER_SPANS_MAX}`);
  const ordersOfTrace = database.prepare(
    "SELECT order_id FROM spans WHERE trace_id = ? AND order_id IS NOT NULL GROUP BY order_id ORDER BY min(id) LIMIT 20",
  );
  const recent = database.prepare(
    `SELECT order_id FROM spans WHERE order_id IS NOT NULL ORDER BY id DESC LIMIT ${RECENT_SPANS_MAX}`,
  );
  const recorded = database.prepare(
    `SELECT end_ms - (SELECT min(start_ms) FROM spans AS first WHERE first.order_id = last.order_id AND first.name = ?) AS ms
     FROM (SELECT * FROM spans WHERE order_id IS NOT NULL ORDER BY id DESC LIMIT ${RECENT_SPANS_MAX}) AS last
     WHERE name = ? AND is_error = 0 AND end_ms >= ?`,
  );
  const last = database.prepare("SELECT coalesce(max(id), 0) AS id FROM spans");
  const count = database.prepare("SELECT count(*) AS spans FROM spans");

  return {
    add(spans) {
      database.exec("BEGIN");
      try {
        for (const span of spans) insert.run(...rowOf(span));
        forget();
        database.exec("COMMIT");
      } catch (error) {
        // A full disk has already rolled it back; an error about that would hide the cause.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    ofTrace: (traceId) => spansOf(ofTrace.all(traceId)),
    ofOrder: (orderId) => spansOf(ofOrder.all(orderId)),
    ordersOfTrace: (traceId) => ordersOfTrace.all(traceId).map(({ order_id }) => String(order_id)),
    recentOrders: (max) => [...new Set(recent.all().map(({ order_id }) => String(order_id)))].slice(0, max),
    oldestWaiting({ sentBy, takenBy }, fromId) {
      const found = database
        .prepare(
          `SELECT id, end_ms FROM spans AS sent WHERE order_id IS NOT NULL AND id >= ? AND is_error = 0 AND name IN (${listOf(sentBy)})
           AND NOT EXISTS (SELECT 1 FROM spans AS taken WHERE taken.order_id = sent.order_id AND taken.name IN (${listOf(takenBy)})
             AND taken.end_ms >= sent.start_ms AND (taken.is_error = 0 OR taken.name = ?))
           ORDER BY id LIMIT 1`,
        )
        .get(fromId, ...sentBy, ...takenBy, SPAN_NAMES.processBilling);
      return found && { id: Number(found.id), sinceMs: Number(found.end_ms) };
    },
    timesToRecorded: (sinceMs) =>
      recorded
        .all(SPAN_NAMES.sendOrders, SPAN_NAMES.processBilling, sinceMs)
        .flatMap(({ ms }) => (ms === null ? [] : [Number(ms)]))
        .toSorted((one, other) => one - other),
    lastId: () => Number(last.get()?.id),
    count: () => Number(count.get()?.spans),
    close: () => database.close(),
  };
}

/** SQLite's SQLITE_CORRUPT and SQLITE_NOTADB: the data is no longer reliable, and the next start begins with a new file. */
export function isDamage(error: unknown): boolean {
  const { errcode } = error as { errcode?: unknown };
  return error instanceof Error && typeof errcode === "number" && [11, 26].includes(errcode & 0xff);
}

/** Deletes the oldest spans of each kind that are over its limit. */
function forgetter(database: DatabaseSync, { ofOrders, others }: typeof SPANS_MAX): () => void {
  const kinds = [
    ["order_id IS NOT NULL", ofOrders],
    ["order_id IS NULL", others],
  ] as const;
  const statements = kinds.map(([kind, max]) => ({
    max,
    count: database.prepare(`SELECT count(*) AS spans FROM spans WHERE ${kind}`),
    remove: database.prepare(
      `DELETE FROM spans WHERE id IN (SELECT id FROM spans WHERE ${kind} ORDER BY id LIMIT ?)`,
    ),
  }));
  return () => {
    for (const { max, count, remove } of statements) {
      const excess = Number(count.get()?.spans) - max;
      if (excess > 0) remove.run(excess);
    }
  };
}

function open(directory: string, onNoFile: (error: unknown) => void): DatabaseSync {
  const path = join(directory, "spans.sqlite");
  try {
    mkdirSync(directory, { recursive: true });
    try {
      return prepared(path);
    } catch {
      for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
      return prepared(path);
    }
  } catch (error) {
    onNoFile(error);
    return prepared(":memory:");
  }
}

function prepared(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // A crash of the machine loses a few seconds of traces.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -4000");
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (version !== 0 && version !== VERSION) throw new Error(`version ${version}`);
    // Finds damage in pages that no query has read yet; takes some 0.1 s for a full file.
    const check = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
    if (check !== "ok") throw new Error(String(check));
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS spans (
  id INTEGER PRIMARY KEY,
  trace_id TEXT NOT NULL,
  span_id TEXT NOT NULL,
  order_id TEXT,
  name TEXT NOT NULL,
  is_error INTEGER NOT NULL,
  start_ms REAL NOT NULL,
  end_ms REAL NOT NULL,
  span TEXT NOT NULL,
  UNIQUE (trace_id, span_id)
);
CREATE INDEX IF NOT EXISTS spans_of_order ON spans (order_id, name) WHERE order_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS spans_with_order ON spans (id) WHERE order_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS spans_without ON spans (id) WHERE order_id IS NULL;
PRAGMA user_version = ${VERSION};
`;

function rowOf(span: Span) {
  const { traceId, spanId, name, startMs, endMs, isError } = span;
  const orderId = orderIdOf(span) ?? null;
  return [traceId, spanId, orderId, name, Number(isError), startMs, endMs, JSON.stringify(span)] as const;
}

function spansOf(rows: readonly Record<string, unknown>[]): Span[] {
  return rows
    .map(({ span }) => JSON.parse(String(span)) as Span)
    .toSorted((one, other) => one.startMs - other.startMs);
}

function listOf(names: readonly string[]): string {
  return names.map(() => "?").join(", ");
}
