import { pgTable, smallint, text, timestamp, unique } from "drizzle-orm/pg-core";

/** The addresses that callers want to be told of their orders. A row never changes: another address is another webhook. */
export const webhookTable = pgTable(
  "webhooks",
  {
    id: text().primaryKey(),
    /** `sub` of the caller. */
    owner: text().notNull(),
    /** From 1 to WEBHOOKS_MAX. With one place for each webhook, two requests at once cannot exceed the limit. */
    place: smallint().notNull(),
    url: text().notNull(),
    /** Types of events, with spaces between them. */
    events: text().notNull(),
    createdAt: timestamp("created_at", { withTimezone: true, mode: "string" }).notNull().defaultNow(),
  },
  (table) => [unique("webhooks_by_owner").on(table.owner, table.place)],
);
