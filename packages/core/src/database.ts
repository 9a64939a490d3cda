import { setTimeout as sleep } from "node:timers/promises";
import type { ExtractTablesWithRelations } from "drizzle-orm";
import type { PgTransaction } from "drizzle-orm/pg-core";
import type { PostgresJsDatabase, PostgresJsQueryResultHKT } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { createCurrentPool } from "./current-pool.ts";
import { DomainError } from "./errors.ts";
import { type Asker, createGate, NoTurnError } from "./gate.ts";
import { CONNECTIONS_MAX, type PoolOptions } from "./pool.ts";
import { DeadlineError, fullJitter, withDeadline } from "./retry.ts";
import { count, inSpan, observe, SpanKind, trace, watch } from "./telemetry/index.ts";

export { CONNECTIONS_MAX } from "./pool.ts";

type NoSchema = Record<string, never>;

/** The first argument of every verb: a pool, or the caller's transaction. */
export type Db =
  | PostgresJsDatabase<NoSchema>
  | PgTransaction<PostgresJsQueryResultHKT, NoSchema, ExtractTablesWithRelations<NoSchema>>;

/**
 * A statement that is built once for each pool, and that PostgreSQL parses once for each connection. Its text must not
 * depend on values, since a connection keeps every text.
 */
export function prepared<Statement>(build: (db: Db) => Statement): (db: Db) => Statement {
  const statements = new WeakMap<Db, Statement>();
  return (db) => {
    const statement = statements.get(db) ?? build(db);
    statements.set(db, statement);
    return statement;
  };
}

type Verb<T> = (db: PostgresJsDatabase<NoSchema>) => Promise<T>;

/**
 * From the turn of a verb to its result. Longer than the role's statement_timeout of 5 s, so that it passes only when
 * the server itself is silent.
 */
const DEADLINE_SECONDS = 6;
/** The longest wait of an asker: of the 3 s that the gateway waits, 2 s stay for a lock (lock_timeout). */
const WAIT_SECONDS = 1;
/**
 * A task does 220 of the slowest request, a list of 1,000 movies, in a second (docs/scaling.md): in a longer queue the
 * last ones would wait in vain. Two tasks then hold 2 x (220 + 9) of the gateway's 500 executions (packages/stage/src/settings.ts).
 */
const WAITING_MAX = 220 * WAIT_SECONDS;
const BUSY = "The service is busy: too many requests wait already, and this one was not begun.";
/** No verb takes these: a probe of a busy database must not wait. */
export const PROBE_CONNECTIONS = 1;
/** Shorter than the callers of the status wait. A failed probe never discards the pool. */
const PROBE_SECONDS = 1;
/** The server refuses writes: after a failover this pool still holds connections to the old primary. */
const READ_ONLY_SQL_TRANSACTION = "25006";
/** invalid_password and invalid_authorization_specification. */
const LOGIN_REFUSED = ["28P01", "28000"];
/**
 * invalid_sql_statement_name and feature_not_supported: a pooler has lost a prepared statement, or a migration has
 * changed the types of its result. The driver prepares it again, except in a transaction and where it does not know the
 * pooler's message.
 */
const STATEMENT_STALE = ["26000", "0A000"];
/**
 * How long a refused login is retried: a rotation changes the secret and the role one after the other. With a last
 * pause this stays under the 3 s that the gateway waits.
 */
const LOGIN_SECONDS = 2;

export interface DatabaseOptions extends PoolOptions {
  /** For verbs; the pool has one more. */
  connectionsMax?: number;
  deadlineSeconds?: number;
  waitSeconds?: number;
}

export interface Database {
  /**
   * Runs a verb against the pool when it is its turn. Throws `DomainError("unavailable")` when the database cannot
   * answer, 6 s after that at the latest. A verb whose login is refused or whose prepared statement is stale runs again:
   * it must be one statement, one transaction, or repeatable.
   *
   * For an asker it throws `DomainError("busy")` instead of beginning: at once when 220 wait already, and after a wait of
   * 1 s. Work for no asker, such as a batch of orders, waits for its turn as long as it takes.
   */
  run<T>(verb: Verb<T>, asker?: Asker): Promise<T>;
  /** Whether the database answers within 1 s, also while every verb waits. */
  isUp(): Promise<boolean>;
  close(): Promise<void>;
}

export function openDatabase(options: DatabaseOptions): Database {
  const { credentials, connectionsMax: runningMax = CONNECTIONS_MAX - PROBE_CONNECTIONS } = options;
  const { deadlineSeconds = DEADLINE_SECONDS, waitSeconds = WAIT_SECONDS } = options;
  const pool = createCurrentPool({ ...options, connectionsMax: runningMax + PROBE_CONNECTIONS });
  // A connection for each verb: postgres.js would send a statement ahead to a busy connection, where it waits behind a
  // slow one; and when several of those must be prepared again, it takes the answer to one for that to another.
  const enter = createGate({ runningMax, waitingMax: WAITING_MAX, waitSeconds });
  const measured = createMeter();

  /** After the call, `lease` holds the pool that was used last. */
  async function query<T>(verb: Verb<T>, lease = { pool: pool.acquire() }): Promise<T> {
    const startedAt = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await verb((await lease.pool).db);
      } catch (error) {
        const state = sqlState(error) ?? "";
        const isStale = attempt === 1 && STATEMENT_STALE.includes(state);
        const isRefused = credentials && LOGIN_REFUSED.includes(state);
        if (!isStale && !isRefused) throw error;
        if (performance.now() - startedAt > LOGIN_SECONDS * 1_000) throw error;
        // New connections have the new password, and no prepared statements. Queries that already run may finish.
        pool.discard(lease.pool, deadlineSeconds);
        if (attempt > 1) await sleep(fullJitter(Math.min(attempt, 3)));
        lease.pool = pool.acquire();
      }
    }
  }

  /** The deadline begins here: a wait for a turn says nothing about the server. */
  async function takeTurn<T>(verb: Verb<T>): Promise<T> {
    const lease = { pool: pool.acquire() };
    try {
      return await withDeadline(query(verb, lease), deadlineSeconds, "The database");
    } catch (error) {
      if (error instanceof DeadlineError || sqlState(error) === READ_ONLY_SQL_TRANSACTION)
        pool.discard(lease.pool, 0);
      throw error;
    }
  }

  async function run<T>(verb: Verb<T>, asker?: Asker): Promise<T> {
    try {
      return await enter(() => takeTurn(verb), asker);
    } catch (error) {
      if (error instanceof NoTurnError) {
        if (error.reason !== "gone") count("requests.shed");
        throw new DomainError("busy", BUSY, { cause: error });
      }
      if (error instanceof DomainError || isLasting(error)) throw error;
      throw new DomainError("unavailable", "The database does not answer.", { cause: error });
    }
  }

  const probe = () =>
    withDeadline(
      query((db) => db.execute("select 1")),
      PROBE_SECONDS,
      "The database",
    ).then(
      () => true,
      () => false,
    );
  let probing: Promise<boolean> | undefined;

  return {
    run: (verb, asker) => measured(() => run(verb, asker)),
    isUp() {
      // Without a turn, on the connection that no verb takes; all who ask at the same time share it.
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      return probing;
    },
    close: () => pool.close(),
  };
}

/** Measures each operation, and how many run now. */
function createMeter(): <T>(work: () => Promise<T>) => Promise<T> {
  let inUse = 0;
  watch("database.pool.in_use", () => inUse);
  return async (work) => {
    const startedAt = performance.now();
    inUse++;
    let outcome = "ok";
    try {
      return await inSpanOfCaller(work);
    } catch (error) {
      const code = error instanceof DomainError ? error.code : undefined;
      outcome = code === "unavailable" || code === "busy" ? code : "refused";
      throw error;
    } finally {
      inUse--;
      observe("db.client.operation.duration", (performance.now() - startedAt) / 1_000, { outcome });
    }
  };
}

/**
 * Makes a span only within a trace that is kept: background work, such as a batch of many orders, belongs to no single
 * trace.
 */
function inSpanOfCaller<T>(work: () => Promise<T>): Promise<T> {
  if (!trace.getActiveSpan()?.isRecording()) return work();
  return inSpan("database", { kind: SpanKind.CLIENT, attributes: { "db.system.name": "postgresql" } }, work);
}

/** The SQLSTATE of an error, also when Drizzle has wrapped it; undefined when the error did not come from PostgreSQL. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof postgres.PostgresError) return error.code;
  return error instanceof Error && error.cause !== undefined ? sqlState(error.cause) : undefined;
}

/**
 * Whether the same statement must fail again: data exceptions (class 22) and violated constraints (class 23). Every
 * other error is a state of the server, which passes. Classes: PostgreSQL manual, appendix A.
 */
export function isLasting(error: unknown): boolean {
  const state = sqlState(error);
  return state !== undefined && (state.startsWith("22") || state.startsWith("23"));
}
