import { sql } from "drizzle-orm";
import { bigint, index, integer, numeric, pgTable, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

export const orderTable = pgTable(
  "orders",
  {
    id: text().primaryKey(),
    userId: integer("user_id").notNull(),
    numberOfItems: integer("number_of_items").notNull(),
    totalAmount: numeric("total_amount", { precision: 12, scale: 2 }).notNull(),
    /** `sub` of the caller; null when a foreign client published the message. */
    owner: text(),
    traceparent: text(),
    /** The id of a movie, which billing cannot look up; null when the order does not name one. */
    movieId: bigint("movie_id", { mode: "number" }),
    acceptedAt: timestamp("accepted_at", { withTimezone: true, mode: "string" }),
    recordedAt: timestamp("recorded_at", { withTimezone: true, mode: "string" }).notNull().defaultNow(),
  },
  // Prefix and nonce of the id: one order per idempotency key, whatever the order contains.
  (table) => [uniqueIndex("orders_one_per_idempotency_key").on(sql`substr(${table.id}, 1, 20)`)],
);

/** Why an order will not be recorded. If a replay records it later, it has a row in both tables and counts as recorded. */
export const rejectionTable = pgTable("rejections", {
  orderId: text("order_id").primaryKey(),
  owner: text(),
  reason: text().notNull(),
  rejectedAt: timestamp("rejected_at", { withTimezone: true, mode: "string" }).notNull().defaultNow(),
});

/** Redelivered messages that are being handled. A row that remains shows that a process died while it handled the message. */
export const attemptTable = pgTable("attempts", {
  messageKey: text("message_key").primaryKey(),
  count: integer().notNull().default(1),
  startedAt: timestamp("started_at", { withTimezone: true, mode: "string" }).notNull().defaultNow(),
});

/**
 * The outbox: a row for each statement that recorded or rejected orders, until their events are published. It has ids
 * alone, from which the relay reads the rows: so it costs an order little, and keeps nothing of a person.
 */
export const outboxTable = pgTable(
  "outbox",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    type: text().notNull(),
    orderIds: text("order_ids").array().notNull(),
    /** How often a relay took the row. */
    attempts: integer().notNull().default(0),
    /** A relay may take the row from then on. */
    dueAt: timestamp("due_at", { withTimezone: true, mode: "string" }).notNull().defaultNow(),
    createdAt: timestamp("created_at", { withTimezone: true, mode: "string" }).notNull().defaultNow(),
  },
  (table) => [index("outbox_by_due_time").on(table.dueAt)],
);
