import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { expect, test } from "vitest";
import { startPart } from "../supervisor/process.ts";
import { freePort } from "./free-port.ts";
import { postgresPart } from "./postgres.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { isListening, killHard, started } from "./testing.ts";
import { UNPRIVILEGED } from "./unprivileged.ts";

const PASSWORD = "of-a-test";
const TEST = { timeout: 60_000 };

async function database() {
  const temporary = await temporaryDirectory();
  const directory = join(temporary.path, "a-database");
  const port = await freePort();
  const options = { name: "a-database", port, directory, password: PASSWORD };
  const part = postgresPart(options);
  const start = () => started(part, temporary.path);
  const query = async <T>(ask: (sql: Sql) => Promise<T>, password = PASSWORD): Promise<T> => {
    const sql = postgres({
      host: "127.0.0.1",
      port,
      user: "postgres",
      database: "postgres",
      password,
      max: 1,
    });
    return ask(sql).finally(() => sql.end({ timeout: 0 }));
  };
  return {
    ...temporary,
    options,
    part,
    port,
    start,
    query,
    lockFile: join(directory, "data/postmaster.pid"),
  };
}

test("keeps a committed row when the server is killed", TEST, async () => {
  await using db = await database();
  {
    await using server = await db.start();
    await db.query((sql) => sql`create table kept as select 42 as answer`);
    await killHard(server);
  }
  await using _again = await db.start();
  expect(await db.query((sql) => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test("starts although another process has the number in its lock file", TEST, async () => {
  await using db = await database();
  {
    await using server = await db.start();
    await killHard(server);
  }
  const stranger = spawn("sleep", ["60"], UNPRIVILEGED);
  try {
    const lines = (await readFile(db.lockFile, "utf8")).split("\n");
    await writeFile(db.lockFile, [stranger.pid, ...lines.slice(1)].join("\n"));
    await using _again = await db.start();
    expect(await db.part.isReady()).toBe(true);
  } finally {
    stranger.kill();
  }
});

test("refuses to start a second server on the same files", TEST, async () => {
  await using db = await database();
  await using _server = await db.start();
  const second = postgresPart({ ...db.options, port: await freePort() });
  const start = startPart(second, { logFile: join(db.path, "log-of-second") });
  await expect(start).rejects.toThrow(/lock file "postmaster.pid" already exists/);
  expect(await db.part.isReady()).toBe(true);
});

test("is reachable only through 127.0.0.1 and only with its password", TEST, async () => {
  await using db = await database();
  await using _server = await db.start();
  expect(await isListening("127.0.0.1", db.port)).toBe(true);
  expect(await isListening("127.0.0.2", db.port)).toBe(false);
  await expect(db.query((sql) => sql`select 1`, "a guess")).rejects.toThrow(/password authentication failed/);
});

test("folds the case of letters outside ASCII", TEST, async () => {
  await using db = await database();
  await using _server = await db.start();
  expect(await db.query((sql) => sql`select 'Amélie' ilike '%MÉL%' as found`)).toEqual([{ found: true }]);
});

test("is not ready while it is frozen, and says so without its answer", TEST, async () => {
  await using db = await database();
  await using server = await db.start();
  process.kill(server.pid, "SIGSTOP");
  try {
    expect(await db.part.isReady()).toBe(false);
  } finally {
    process.kill(server.pid, "SIGCONT");
  }
  await expect.poll(() => db.part.isReady()).toBe(true);
});
