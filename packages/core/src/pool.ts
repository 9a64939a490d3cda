import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { fullJitter } from "./retry.ts";
import type { CredentialsProvider } from "./secrets.ts";

/** Of one process; a server must bear as many from each. */
export const CONNECTIONS_MAX = 10;
/** RDS Proxy hangs up on a client that says nothing for 30 min, its default. Who hangs up first meets no dead connection. */
export const IDLE_SECONDS = 5 * 60;

export interface PoolOptions {
  /** `?sslmode=verify-full` encrypts and checks certificate and name; postgres.js checks neither in the mode `require`. */
  url: string;
  /** Who signs in, asked when the pool is opened; without it the URL says so. */
  credentials?: CredentialsProvider | undefined;
  /** Shown in pg_stat_activity. */
  name: string;
  connectionsMax?: number;
}

export type Pool = Awaited<ReturnType<typeof openPool>>;

/**
 * Connections that share one password. postgres.js could ask for it at each connect, but does so in the middle of the handshake: an answer
 * that fails, or that comes when the server has hung up, ends the process.
 */
export async function openPool({ url, credentials, name, connectionsMax = CONNECTIONS_MAX }: PoolOptions) {
  const sql = postgres(url, {
    ...(await credentials?.()),
    max: connectionsMax,
    connect_timeout: 3,
    // In seconds. The default grows to 20 s, longer than orders may wait after the database's return (R5).
    backoff: (attempt: number) => fullJitter(attempt) / 1_000,
    idle_timeout: IDLE_SECONDS,
    // The tables have no arrays. Without it each new connection would first ask the catalogue for the types of all arrays.
    fetch_types: false,
    // Named statements pin a connection of RDS Proxy to its client.
    prepare: false,
    connection: { application_name: name },
    onnotice: () => {},
  });
  return { sql, db: drizzle(sql) };
}
