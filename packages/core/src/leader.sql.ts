import { integer, pgTable, text, timestamp } from "drizzle-orm/pg-core";

/** The process that does what only one of several should do: a row for each such role. */
export const leaseTable = pgTable("leases", {
  name: text().primaryKey(),
  /** The process that has the role until `expires_at`, in words for an operator. */
  holder: text().notNull(),
  /** Grows by one whenever the role is taken, so that a former holder can be told from the present one. */
  epoch: integer().notNull(),
  expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
});
