import { sql } from "drizzle-orm";
import { char, integer, pgTable, primaryKey, smallint, text, timestamp, uuid } from "drizzle-orm/pg-core";
import type { FailureReason, ImportFormat } from "./import.ts";

/** One row for each import: what the caller announced, and how far it has come. */
export const importTable = pgTable("imports", {
  id: uuid().primaryKey().defaultRandom(),
  owner: text().notNull(),
  format: text().$type<ImportFormat>().notNull(),
  /** The announced size and digest (hexadecimal) of the file. */
  bytes: integer().notNull(),
  sha256: char({ length: 64 }).notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  /** When the splitter began with the file. */
  startedAt: timestamp("started_at", { withTimezone: true }),
  /** How many chunks and rows the splitter has made; null until it has read the whole file. */
  chunks: integer(),
  rows: integer(),
  /** Refused rows, and rows that repeat an earlier one of the file. */
  bad: integer(),
  duplicates: integer(),
  /** How many chunks and rows are loaded, and how many of these rows were new to the store. */
  chunksLoaded: integer("chunks_loaded").notNull().default(0),
  rowsLoaded: integer("rows_loaded").notNull().default(0),
  added: integer().notNull().default(0),
  failure: text().$type<FailureReason>(),
  /** When the import last made progress, or ended. */
  progressedAt: timestamp("progressed_at", { withTimezone: true }).notNull().defaultNow(),
  /** When the last chunk was loaded, or the import failed. */
  endedAt: timestamp("ended_at", { withTimezone: true }),
});

/** One row for each loaded chunk, written with its movies: a chunk that arrives again changes nothing. */
export const importChunkTable = pgTable(
  "import_chunks",
  {
    importId: uuid("import_id")
      .notNull()
      .references(() => importTable.id, { onDelete: "cascade" }),
    chunk: integer().notNull(),
    loadedAt: timestamp("loaded_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.importId, table.chunk] })],
);

/** The budget of all loaders together: each slot is worth two chunks a second. */
export const importSlotTable = pgTable("import_slots", {
  slot: smallint().primaryKey(),
  /** How often it was taken. A loader holds a slot as long as this is still its number. */
  lease: integer().notNull().default(0),
  /** When the next loader may take it. */
  freeAt: timestamp("free_at", { withTimezone: true }).notNull().default(sql`'-infinity'`),
});
