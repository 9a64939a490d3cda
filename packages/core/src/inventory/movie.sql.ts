import { bigint, char, index, integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** It has a column for each field of a `Movie`, under the same name, and others. */
export const movieTable = pgTable("movies", {
  id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
  title: text().notNull(),
  description: text().notNull(),
  /** `digestOf` what an import loaded; null when the API created the movie. Unique (packages/core/src/migrate.ts), so that the same file twice adds nothing. */
  digest: char({ length: 43 }),
  /** How many recorded orders name the movie. */
  timesOrdered: integer("times_ordered").notNull().default(0),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
});

/**
 * One row for each `Idempotency-Key` that created a movie, for 90 days. It is kept when the movie is deleted, so that a
 * late repetition does not create the movie again.
 */
export const movieRequestTable = pgTable("movie_requests", {
  /** SHA-256 of caller and key, in hexadecimal. */
  key: char({ length: 64 }).primaryKey(),
  /** SHA-256 of the request's body, in hexadecimal. */
  fingerprint: char({ length: 64 }).notNull(),
  movieId: bigint("movie_id", { mode: "number" }),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
});

/** The inbox: the events that are counted, for 90 days. An event that arrives again within them counts no more. */
export const countedEventTable = pgTable(
  "counted_events",
  {
    id: text().primaryKey(),
    countedAt: timestamp("counted_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [index("counted_events_by_age").on(table.countedAt)],
);
