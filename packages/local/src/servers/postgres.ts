import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { scramVerifier } from "@cloud-design/core/scram-verifier";
import { SERVER_LOG } from "@cloud-design/core/server-log";
import postgres from "postgres";
import { type Part, SetupError } from "../supervisor/part.ts";
import { createOnce } from "./create-once.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { disownLockFile } from "./postgres-lock-file.ts";
import { run } from "./run.ts";
import { giveToUnprivileged, openToUnprivileged, UNPRIVILEGED } from "./unprivileged.ts";

const SUPERUSER = "postgres";
const READY_ANSWER_MILLISECONDS = 1500;

interface PostgresOptions {
  name: string;
  port: number;
  directory: string;
  password: string;
}

/** A PostgreSQL 17 server of its own, whose superuser is `postgres` with this password; `directory` is its cluster. */
export function postgresPart(options: PostgresOptions): Part {
  const { name, port, directory } = options;
  const data = join(directory, "data");
  let binaries: string | undefined;
  return {
    name,
    needs: [],
    port,
    url: `postgres://127.0.0.1:${port}`,
    async prepare(report) {
      const parent = dirname(directory);
      await mkdir(parent, { recursive: true });
      await openToUnprivileged(parent);
      binaries = await postgresBinaries(parent);
      if (!existsSync(directory)) report("creating the database cluster");
      await createCluster(binaries, options);
      await disownLockFile(data);
    },
    command() {
      if (binaries === undefined) throw new Error(`${name} was not prepared`);
      const settings = Object.entries(serverSettings(name, port)).flatMap((entry) => ["-c", entry.join("=")]);
      return {
        file: join(binaries, "postgres"),
        args: ["-D", data, ...settings],
        env: { PATH: process.env.PATH ?? "" },
        cwd: data,
        ...UNPRIVILEGED,
      };
    },
    isReady: () => answersQuery(options),
    // A crash recovery reads up to max_wal_size.
    readySeconds: 60,
    // "Fast" shutdown: sessions are ended, everything committed is written.
    stopSignal: "SIGINT",
    stopSeconds: 20,
  };
}

function serverSettings(name: string, port: number): Record<string, string | number> {
  return {
    cluster_name: name,
    port,
    listen_addresses: "127.0.0.1",
    // The path of a socket may have at most 107 bytes; the path of a clone may be longer.
    unix_socket_directories: "",
    // For the service, migrations, tests and a person with psql; each connection costs memory.
    max_connections: 50,
    shared_buffers: "32MB",
    max_wal_size: "256MB",
    log_destination: "stderr",
    // As on RDS, whatever time zone the laptop has.
    timezone: "UTC",
    log_timezone: "UTC",
    ...SERVER_LOG,
  };
}

async function createCluster(
  binaries: string,
  { name, directory, password }: PostgresOptions,
): Promise<void> {
  await createOnce(directory, async (temporary) => {
    const passwordFile = join(temporary, "password");
    await writeFile(passwordFile, scramVerifier(password), { mode: 0o600 });
    await giveToUnprivileged(passwordFile);
    await giveToUnprivileged(temporary);
    const storage = ["--data-checksums", "--encoding=UTF8", "--locale=C"];
    // The built-in locale sorts and folds case in the same way on every operating system.
    const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const access = [`--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
    await run(
      join(binaries, "initdb"),
      [`--pgdata=${join(temporary, "data")}`, "--no-instructions", ...storage, ...locale, ...access],
      { cwd: temporary, ...UNPRIVILEGED },
    );
    await rm(passwordFile);
  }).catch((error: Error) => {
    throw new SetupError(`${name} could not create its files in ${directory}: ${error.message}`);
  });
}

async function answersQuery({ port, password }: PostgresOptions): Promise<boolean> {
  const sql = postgres({ host: "127.0.0.1", port, user: SUPERUSER, database: "postgres", password, max: 1 });
  // postgres.js has no query timeout: a frozen server would hang it for ever.
  const deadline = setTimeout(() => sql.end({ timeout: 0 }), READY_ANSWER_MILLISECONDS);
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(deadline);
    await sql.end({ timeout: 0 });
  }
}
