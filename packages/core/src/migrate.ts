import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as apply } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { sqlState } from "./database.ts";
import { compareWithApplied } from "./migration-journal.ts";
import { retryInPlace } from "./retry.ts";
import { scramVerifier } from "./scram-verifier.ts";

/** A database, the role that owns its rows, and exactly what that role may do. */
interface Store {
  database: string;
  role: string;
  migrations: string;
  indexes: readonly Index[];
  grants: readonly string[];
}

/** An index that is built while callers read and write, which no transaction and so no migration can do. */
interface Index {
  name: string;
  table: string;
  /** The words after the table's name in CREATE INDEX. */
  columns: string;
  isUnique?: boolean;
  /** Whether its first column is an expression, of which only the index can have statistics. */
  isOfExpression?: boolean;
}

export const STORES = {
  inventory: {
    database: "movies",
    role: "inventory",
    migrations: migrationsOf("inventory"),
    indexes: [
      {
        name: "movies_title_search",
        table: "movies",
        columns: "USING gin (lower(title) gin_trgm_ops)",
        isOfExpression: true,
      },
      { name: "movies_by_popularity", table: "movies", columns: "(times_ordered, id)" },
      // Without it each step of the sweep reads the whole table, from some million rows on for longer than a statement may take.
      { name: "movie_requests_by_age", table: "movie_requests", columns: "(created_at)" },
      { name: "imports_by_progress", table: "imports", columns: "(progressed_at)" },
      // An owner may have some open ones, and each announcement counts them.
      { name: "imports_open_by_owner", table: "imports", columns: "(owner) WHERE ended_at IS NULL" },
      {
        name: "movies_imported_once",
        table: "movies",
        columns: "(digest) WHERE digest IS NOT NULL",
        isUnique: true,
      },
    ],
    grants: [
      "GRANT SELECT, INSERT, UPDATE, DELETE ON movies TO inventory",
      "GRANT SELECT, INSERT, UPDATE ON movie_requests TO inventory",
      "GRANT SELECT, UPDATE ON leases TO inventory",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON imports TO inventory",
      "GRANT SELECT, INSERT ON import_chunks TO inventory",
      "GRANT SELECT, UPDATE ON import_slots TO inventory",
      "GRANT SELECT, INSERT, DELETE ON counted_events TO inventory",
      "GRANT SELECT, INSERT, DELETE ON webhooks TO inventory",
    ],
  },
  billing: {
    database: "orders",
    role: "billing",
    migrations: migrationsOf("billing"),
    indexes: [{ name: "rejections_by_age", table: "rejections", columns: "(rejected_at)" }],
    grants: [
      // Recorded rows are permanent: no UPDATE, no DELETE.
      "GRANT SELECT, INSERT ON orders, rejections TO billing",
      "GRANT SELECT, INSERT, UPDATE, DELETE ON attempts, outbox TO billing",
      "GRANT SELECT, UPDATE ON leases TO billing",
    ],
  },
} as const satisfies Record<string, Store>;

/**
 * How long a migration waits for a lock: half as long as a service does, because later statements on the table queue
 * behind the migration.
 */
const LOCK_MILLISECONDS = 1_000;
/** Longer than any transaction of a service. An operator must end a session that holds a lock for so long. */
const LOCK_PATIENCE_SECONDS = 60;
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Ten times the default: with a sample of 100 titles PostgreSQL takes a word of one title in 400 for a word of one in
 * 100, and searches by reading the newest movies one after the other.
 */
const STATISTICS = 1_000;

/** One migration at a time on a server. Any number works that no other program there uses as a lock. */
const MIGRATION_LOCK = 20_261_122;

/**
 * Creates or updates the database, its tables and its service role for this version of the code. It can be repeated,
 * and run twice at the same time. `adminUrl` names the server and a role that may create databases and roles; it must
 * not go through RDS Proxy, which breaks advisory locks. `servicePassword` must be printable ASCII; the server never
 * sees it. Resolves with the number of migrations that the database has and this version does not know.
 */
export async function migrate(
  noun: keyof typeof STORES,
  options: { adminUrl: string; servicePassword: string },
): Promise<number> {
  const store: Store = STORES[noun];
  return withConnection(options.adminUrl, async (sql) => {
    await sql`SELECT pg_advisory_lock(${MIGRATION_LOCK})`;
    await createDatabase(sql, store.database);
    await createRole(sql, store, options.servicePassword);
    const target = databaseUrl(options.adminUrl, store.database);
    const unknown = await applyMigrations(target, store.migrations);
    await withConnection(target, async (sql) => {
      for (const index of store.indexes) await buildIndex(sql, index);
      for (const grant of store.grants) await sql.unsafe(grant);
    });
    return unknown;
  });
}

/**
 * Applies the migrations of a folder that the database does not have, all in one transaction or not at all. It waits
 * one second for a lock, then lets the statements that queued behind it run, and starts again. Throws after a minute of
 * that, and for a migration that would be skipped. Resolves with the number of later migrations that the database has.
 */
export async function applyMigrations(url: string, folder: string): Promise<number> {
  const startedAt = performance.now();
  return withConnection(
    url,
    async (sql) => {
      const unknown = await compareWithApplied(sql, folder);
      await retryInPlace(() => apply(drizzle(sql), { migrationsFolder: folder }), {
        signal: new AbortController().signal,
        isTransient: (error) =>
          sqlState(error) === LOCK_NOT_AVAILABLE &&
          performance.now() - startedAt < LOCK_PATIENCE_SECONDS * 1_000,
      });
      return unknown;
    },
    { lock_timeout: LOCK_MILLISECONDS },
  );
}

/**
 * Builds an index that does not exist, or whose build was interrupted, which leaves an invalid index; then the
 * statistics by which PostgreSQL decides when to use it. A movie can be written meanwhile.
 */
async function buildIndex(sql: postgres.Sql, index: Index): Promise<void> {
  const { name, table, columns, isUnique, isOfExpression } = index;
  // Waits for another build on the table, which goes on when its deployment is stopped. Unlike DROP INDEX, LOCK waits
  // without a snapshot, for which that build would wait in turn.
  await sql.begin((tx) => tx.unsafe(`LOCK TABLE ${table} IN SHARE UPDATE EXCLUSIVE MODE`));
  const [existing] = await sql`
    SELECT indisvalid AS "isValid", EXISTS (SELECT FROM pg_stats WHERE tablename = ${name}) AS "isAnalyzed"
    FROM pg_index WHERE indexrelid = to_regclass(${name})`;
  if (!existing?.isValid) {
    await sql.unsafe(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await sql.unsafe(`CREATE ${isUnique ? "UNIQUE " : ""}INDEX CONCURRENTLY ${name} ON ${table} ${columns}`);
  }
  if (!isOfExpression || (existing?.isValid && existing.isAnalyzed)) return;
  await sql.unsafe(`ALTER INDEX ${name} ALTER COLUMN 1 SET STATISTICS ${STATISTICS}`);
  await sql.unsafe(`ANALYZE ${table}`);
}

/** The same server and user with another database. */
export function databaseUrl(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function createDatabase(sql: postgres.Sql, database: string): Promise<void> {
  const [existing] = await sql`SELECT 1 FROM pg_database WHERE datname = ${database}`;
  if (!existing) await sql.unsafe(`CREATE DATABASE ${database}`);
  // By default every role has CONNECT and TEMPORARY. A service role may only reach its own database, and may not create
  // tables, not even temporary ones.
  await sql.unsafe(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  // On RDS the admin is not a superuser and must not change the maintenance databases.
  const [admin] = await sql`SELECT rolsuper FROM pg_roles WHERE rolname = current_user`;
  if (admin?.rolsuper) await sql`REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC`;
}

async function createRole(sql: postgres.Sql, { role, database }: Store, password: string): Promise<void> {
  const [existing] = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${role}`;
  const verb = existing ? "ALTER" : "CREATE";
  await sql.unsafe(`${verb} ROLE ${role} LOGIN PASSWORD '${scramVerifier(password)}'`);
  await sql.unsafe(`GRANT CONNECT ON DATABASE ${database} TO ${role}`);
  // Set on the role: a SET in the session pins RDS Proxy, which also refuses these as start-up parameters.
  const settings = {
    statement_timeout: "5s",
    lock_timeout: "2s",
    idle_in_transaction_session_timeout: "10s",
    // The default of 4 is for disks: it makes PostgreSQL avoid the index for searches. All storage here is SSD.
    random_page_cost: "1.1",
  };
  for (const [setting, value] of Object.entries(settings)) {
    await sql.unsafe(`ALTER ROLE ${role} SET ${setting} = '${value}'`);
  }
}

async function withConnection<T>(
  url: string,
  work: (sql: postgres.Sql) => Promise<T>,
  connection: { lock_timeout?: number } = {},
): Promise<T> {
  const sql = postgres(url, {
    max: 1,
    connect_timeout: 5,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
    connection,
  });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function migrationsOf(noun: string): string {
  return fileURLToPath(new URL(`${noun}/migrations`, import.meta.url));
}
