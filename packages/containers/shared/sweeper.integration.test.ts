import * as Billing from "@cloud-design/core/billing";
import { openDatabase } from "@cloud-design/core/database";
import * as Inventory from "@cloud-design/core/inventory";
import { lead, sweepAsLeader } from "@cloud-design/core/leader";
import { createLog, type Log } from "@cloud-design/core/log";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { startSweeper } from "./sweeper.ts";

const adminOf = (name: string) =>
  postgres(inject("adminUrl").replace(/postgres$/, name), { max: 1, onnotice: () => {} });
const [orders, movies] = [adminOf("orders"), adminOf("movies")];
const billing = openDatabase({ url: inject("ordersUrl"), name: "test" });
const inventory = openDatabase({ url: inject("moviesUrl"), name: "test" });
const log = createLog("test");
const running: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const lapse = "UPDATE leases SET expires_at = '-infinity'";
  await Promise.all([orders.unsafe(lapse), movies.unsafe(lapse)]);
  await Promise.all([orders`TRUNCATE rejections, attempts`, movies`TRUNCATE movie_requests`]);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((sweeper) => sweeper.close()));
  vi.useRealTimers();
});
afterAll(() => Promise.all([orders.end(), movies.end(), billing.close(), inventory.close()]));

const start = (options: Parameters<typeof startSweeper>[0]) => running.push(startSweeper(options));
const rejectDaysAgo = (days: number, count = 1) => orders`
  INSERT INTO rejections (order_id, reason, rejected_at)
  SELECT ${`${days} `} || n, 'No.', now() - make_interval(days => ${days}) FROM generate_series(1, ${count}::int) n`;
const attemptHoursAgo = (hours: number) => orders`
  INSERT INTO attempts (message_key, started_at) VALUES (${`${hours}`}, now() - make_interval(hours => ${hours}))`;
const requestDaysAgo = (days: number, count = 1) => movies`
  INSERT INTO movie_requests (key, fingerprint, created_at)
  SELECT ${`${days} `} || n, '', now() - make_interval(days => ${days}) FROM generate_series(1, ${count}::int) n`;
const left = async () => {
  const [rejections, attempts, requests] = await Promise.all([
    orders`SELECT order_id AS name FROM rejections ORDER BY order_id`,
    orders`SELECT message_key AS name FROM attempts ORDER BY message_key`,
    movies`SELECT trim(key) AS name FROM movie_requests ORDER BY key`,
  ]);
  return [...rejections, ...attempts, ...requests].map(({ name }) => name);
};
const eventually = { timeout: 60_000 };

test("rejections and keys older than 90 days and marks older than a day are deleted, by one of three", async () => {
  const messages: string[] = [];
  const info = (_: object, message: string) => void messages.push(message);
  await Promise.all([rejectDaysAgo(89), rejectDaysAgo(91, 1_700), attemptHoursAgo(23), attemptHoursAgo(25)]);
  await Promise.all([requestDaysAgo(89), requestDaysAgo(91, 1_700)]);
  for (let process = 0; process < 3; process++) {
    start({ database: billing, sweeps: Billing.SWEEPS, log: { ...log, info } as Log });
    start({ database: inventory, sweeps: Inventory.SWEEPS, log: { ...log, info } as Log });
  }
  await expect.poll(left, eventually).toEqual(["89 1", "23", "89 1"]);
  expect(messages).toEqual(["leads the sweep", "leads the sweep"]);
});

test.each(Object.entries(Billing.SWEEPS))("who no longer leads cannot sweep %s", async (_, sweep) => {
  await Promise.all([rejectDaysAgo(91), attemptHoursAgo(25)]);
  const step = (epoch = 0) => billing.run((db) => sweepAsLeader(db, epoch, sweep));
  const first = await billing.run((db) => lead(db, "first"));
  await orders`UPDATE leases SET expires_at = now() - interval '1 second'`;
  expect(await step(first)).toBe(0);
  const second = await billing.run((db) => lead(db, "second"));
  expect(second).toBe((first ?? 0) + 1);
  expect(await step(first)).toBe(0);
  expect(await step(second)).toBe(1);
});

test("the lease cannot be taken while a step of the leader runs", async () => {
  await rejectDaysAgo(91);
  const first = (await billing.run((db) => lead(db, "first"))) ?? 0;
  const slow = "SELECT sweep_rejections() AS swept, pg_sleep(1) FROM held";
  const stepping = billing.run((db) => sweepAsLeader(db, first, slow));
  const locked = async () => (await orders`SELECT FROM leases FOR UPDATE SKIP LOCKED`).length === 0;
  await expect.poll(locked, { ...eventually, interval: 5 }).toBe(true);
  await orders`UPDATE leases SET expires_at = '-infinity'`;
  expect(await left()).toEqual([]);
  expect(await stepping).toBe(1);
});

test("a sweep that finds nothing old reads a few blocks of a large table", async () => {
  await Promise.all([rejectDaysAgo(1, 20_000), requestDaysAgo(1, 20_000)]);
  await Promise.all([orders`ANALYZE rejections`, movies`ANALYZE movie_requests`]);
  const blocksOf = async (sql: postgres.Sql, verb: string) => {
    // The first call reads the catalogue.
    await sql.unsafe(`SELECT ${verb}()`);
    const [row] = await sql.unsafe(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT ${verb}()`);
    const plan = row?.["QUERY PLAN"][0].Plan;
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
  };
  expect(await blocksOf(orders, "sweep_rejections")).toBeLessThan(20);
  expect(await blocksOf(movies, "sweep_movie_requests")).toBeLessThan(20);
});

test("each hour the sweep is repeated, also after a failed one, which stops no other", async () => {
  const warnings: unknown[] = [];
  const warn = ({ sweep }: { sweep?: string }, message: string) => void warnings.push([sweep, message]);
  const broken = "SELECT no_such_function() AS swept FROM held";
  await attemptHoursAgo(25);
  start({ database: billing, sweeps: { broken, ...Billing.SWEEPS }, log: { ...log, warn } as Log });
  await expect.poll(left, eventually).toEqual([]);
  expect(warnings).toEqual([["broken", "old rows stay until the next sweep"]]);
  await rejectDaysAgo(91);
  vi.advanceTimersByTime(60 * 60 * 1_000);
  await expect.poll(left, eventually).toEqual([]);
  expect(warnings).toHaveLength(2);
});
