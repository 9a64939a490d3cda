import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsDatabase, type PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { DomainError } from "./errors.ts";
import { DeadlineError, fullJitter, withDeadline } from "./retry.ts";

type NoSchema = Record<string, never>;

/** What a verb needs: a pool, or the caller's transaction. */
export type Db =
  | PostgresJsDatabase<NoSchema>
  | PgTransaction<PostgresJsQueryResultHKT, NoSchema, ExtractTablesWithRelations<NoSchema>>;

/** Over the role's statement_timeout of 5 s, so that it only passes when the server itself is silent. */
const DEADLINE_SECONDS = 6;
/** Shorter than whoever asks for the status waits. A probe judges nothing but itself: it never drops the pool. */
const PROBE_SECONDS = 1;
/** The server refuses writes: after a failover this pool still holds connections to the old primary. */
const READ_ONLY_SQL_TRANSACTION = "25006";

export interface DatabaseOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  connectionsMax?: number;
  deadlineSeconds?: number;
}

export interface Database {
  /** Runs a verb against the pool. Throws `DomainError("unavailable")` when the database cannot answer now, in 6 s at the latest. */
  run<T>(verb: (db: PostgresJsDatabase<NoSchema>) => Promise<T>): Promise<T>;
  isUp(): Promise<boolean>;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const deadlineSeconds = options.deadlineSeconds ?? DEADLINE_SECONDS;
  let pool = openPool(options);

  /** postgres.js cannot drop one connection, so all go: when one is silent or read-only, its neighbours are too. */
  function replace(broken: Pool): void {
    if (broken !== pool) return;
    pool = openPool(options);
    void broken.sql.end({ timeout: 0 });
  }

  async function run<T>(verb: (db: PostgresJsDatabase<NoSchema>) => Promise<T>): Promise<T> {
    const used = pool;
    try {
      return await withDeadline(verb(used.db), deadlineSeconds, "The database");
    } catch (error) {
      if (error instanceof DeadlineError || sqlState(error) === READ_ONLY_SQL_TRANSACTION) replace(used);
      if (error instanceof DomainError || isLasting(error)) throw error;
      throw new DomainError("unavailable", "The database does not answer.", { cause: error });
    }
  }

  return {
    run,
    isUp: () =>
      withDeadline(Promise.resolve(pool.db.execute("select 1")), PROBE_SECONDS, "The database").then(
        () => true,
        () => false,
      ),
    close: () => pool.sql.end({ timeout: 5 }),
  };
}

type Pool = ReturnType<typeof openPool>;

function openPool({ url, name, connectionsMax = 10 }: DatabaseOptions) {
  const sql = postgres(url, {
    max: connectionsMax,
    connect_timeout: 3,
    // In seconds. The default grows to 20 s, longer than orders may wait after the database's return (R5).
    backoff: (attempt: number) => fullJitter(attempt) / 1_000,
    // Named statements pin a connection of RDS Proxy to its client.
    prepare: false,
    connection: { application_name: name },
    onnotice: () => {},
  });
  return { sql, db: drizzle(sql) };
}

/** SQLSTATE of an error, looked up behind Drizzle's wrapping; undefined when it did not come from PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof postgres.PostgresError) return error.code;
  return error instanceof Error && error.cause !== undefined ? sqlState(error.cause) : undefined;
}

/**
 * Whether repeating the statement must fail again: data exceptions (class 22) and broken constraints (class 23).
 * Everything else is the server's state, which passes. Classes: PostgreSQL manual, appendix A.
 */
export function isLasting(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && (state.startsWith("22") || state.startsWith("23"));
}
