import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { record, reject } from "@cloud-design/core/billing";
import { openDatabase } from "@cloud-design/core/database";
import { create, list } from "@cloud-design/core/inventory";
import postgres from "postgres";
import { expect, onTestFinished, test } from "vitest";
import {
  asSuperuser,
  empty,
  invoke,
  type Stage,
  startStage,
  storeServicePassword,
} from "./migrate-function.ts";

const PASSWORD = "canary-password";
const TITLE = "canary-title";
const OWNER = "canary-owner";
const AMOUNT = "1928374655.64";
const USER_ID = 1_029_384_756;
/** All settings by which PostgreSQL logs statements: successful, slow and failed ones. */
const HARSHEST = {
  log_statement: "all",
  log_duration: "on",
  log_min_duration_statement: "0",
  log_min_error_statement: "debug5",
};

/** An instance that logs everything, besides the settings of this project. */
async function talkativeStage(): Promise<Stage> {
  const stage = await startStage();
  onTestFinished(() => stage[Symbol.asyncDispose]());
  await empty(stage);
  for (const [name, value] of Object.entries(HARSHEST))
    await asSuperuser(stage, `ALTER SYSTEM SET ${name} = '${value}'`);
  await asSuperuser(stage, "SELECT pg_reload_conf()");
  await expect.poll(() => asSuperuser(stage, "SHOW log_statement")).toMatchObject([{ log_statement: "all" }]);
  return stage;
}

/** The log up to now. */
async function logOf(stage: Stage, mark: string): Promise<string> {
  await asSuperuser(stage, `SELECT '${mark}'`);
  const read = () => readFile(join(stage.directory, "log"), "utf8");
  await expect.poll(read).toContain(mark);
  return read();
}

function serviceUrl({ port }: Stage, role: string, database: string): string {
  return `postgres://${role}:${PASSWORD}@127.0.0.1:${port}/${database}`;
}

test("the database's log holds no password that was set, changed, or refused", async () => {
  const stage = await talkativeStage();
  for (const noun of ["inventory", "billing"]) storeServicePassword(stage, noun, PASSWORD);
  await invoke(stage);
  await invoke(stage);
  await asSuperuser(stage, "ALTER ROLE administrator NOCREATEROLE");
  await expect(invoke(stage)).rejects.toThrow();

  const log = await logOf(stage, "all passwords were set");
  expect(log).toMatch(/CREATE ROLE inventory LOGIN PASSWORD/);
  expect(log).toMatch(/ALTER ROLE inventory LOGIN PASSWORD/);
  expect(log).toMatch(/STATEMENT: {2}ALTER ROLE inventory LOGIN PASSWORD/);
  expect(log).not.toContain(PASSWORD);
});

test("the database's log holds no value of a movie or an order, stored or refused", async () => {
  const stage = await talkativeStage();
  for (const noun of ["inventory", "billing"]) storeServicePassword(stage, noun, PASSWORD);
  await invoke(stage);
  const movies = openDatabase({ url: serviceUrl(stage, "inventory", "movies"), name: "movies" });
  const orders = openDatabase({ url: serviceUrl(stage, "billing", "orders"), name: "orders" });
  onTestFinished(async () => void (await Promise.all([movies.close(), orders.close()])));
  const movie = { title: TITLE, description: TITLE };
  const order = { userId: USER_ID, numberOfItems: 1, totalAmount: AMOUNT };

  await movies.run((db) => create(db, movie, { owner: OWNER, idempotencyKey: TITLE }));
  await movies.run((db) => list(db, { title: TITLE, limit: 1 }));
  await orders.run((db) => record(db, [{ ...order, id: "one", owner: OWNER }]));
  await orders.run((db) => reject(db, { orderId: "two", owner: OWNER, reason: TITLE }));
  await asSuperuser(stage, "ALTER TABLE movies ADD CHECK (title NOT LIKE 'canary%') NOT VALID", "movies");
  await expect(movies.run((db) => create(db, movie, { owner: OWNER }))).rejects.toThrow();
  const sql = postgres(serviceUrl(stage, "billing", "orders"), { max: 1 });
  const again = sql`INSERT INTO orders (id, user_id, number_of_items, total_amount, owner)
    VALUES ('one', ${USER_ID}, 1, ${AMOUNT}, ${OWNER})`;
  await expect(again).rejects.toThrow("duplicate key");
  await sql.end();

  const log = await logOf(stage, "all values were sent");
  for (const statement of [
    /execute .*insert into "movies"/,
    /execute .*INSERT INTO orders/,
    /STATEMENT: {2}insert into "movies"/,
  ])
    expect(log).toMatch(statement);
  for (const value of [TITLE, OWNER, AMOUNT, String(USER_ID)]) expect(log).not.toContain(value);
});
