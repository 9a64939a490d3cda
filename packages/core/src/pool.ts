import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { fullJitter } from "./retry.ts";
import type { CredentialsProvider } from "./secrets.ts";

/** Most connections of one process; a server must allow as many for each process. */
export const CONNECTIONS_MAX = 10;
/**
 * RDS Proxy closes a client connection after 30 min without traffic (its default). The pool closes it earlier, so that
 * a query never meets a dead connection.
 */
export const IDLE_SECONDS = 5 * 60;

export interface PoolOptions {
  /**
   * `?sslmode=verify-full` encrypts, and checks certificate and host name; in the mode `require` postgres.js checks
   * neither. `?prepare=false` is for a pooler that keeps no named statements.
   */
  url: string;
  /** Asked for user name and password when the pool is opened; without it the URL contains them. */
  credentials?: CredentialsProvider | undefined;
  /** Shown in pg_stat_activity. */
  name: string;
  connectionsMax?: number;
}

export type Pool = Awaited<ReturnType<typeof openPool>>;

/**
 * Opens connections that share one password. postgres.js could ask for the password at each connect, but does so during
 * the handshake: a failed answer, or one that comes after the server has hung up, ends the process.
 */
export async function openPool({ url, credentials, name, connectionsMax = CONNECTIONS_MAX }: PoolOptions) {
  const sql = postgres(url, {
    ...(await credentials?.()),
    max: connectionsMax,
    connect_timeout: 3,
    // In seconds. The default backoff grows to 20 s, longer than orders may wait after the database returns (R5).
    backoff: (attempt: number) => fullJitter(attempt) / 1_000,
    idle_timeout: IDLE_SECONDS,
    // The driver reads and writes no arrays; otherwise each new connection would first read the types of all arrays from the catalogue.
    fetch_types: false,
    connection: { application_name: name },
    onnotice: () => {},
  });
  return { sql, db: drizzle(sql) };
}
