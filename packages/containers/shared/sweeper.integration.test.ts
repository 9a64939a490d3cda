import * as Billing from "@cloud-design/core/billing";
import { openDatabase } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import * as Inventory from "@cloud-design/core/inventory";
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

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  await Promise.all([orders`TRUNCATE rejections, attempts`, movies`TRUNCATE movie_requests`]);
});
afterEach(() => void vi.useRealTimers());
afterAll(() => Promise.all([orders.end(), movies.end(), billing.close(), inventory.close()]));

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
const eventually = { timeout: 20_000 };

test("rejections and keys older than 90 days and marks older than a day are deleted, by several processes at once", async () => {
  await Promise.all([rejectDaysAgo(89), rejectDaysAgo(91, 1_700), attemptHoursAgo(23), attemptHoursAgo(25)]);
  await Promise.all([requestDaysAgo(89), requestDaysAgo(91, 1_700)]);
  for (let process = 0; process < 3; process++) {
    startSweeper({ step: () => billing.run(Billing.sweep), log });
    startSweeper({ step: () => inventory.run(Inventory.sweep), log });
  }
  await expect.poll(left, eventually).toEqual(["89 1", "23", "89 1"]);
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

test("each hour the sweep is repeated, also after a failed one", async () => {
  const warnings: string[] = [];
  let isAway = true;
  const step = () =>
    isAway ? Promise.reject(new DomainError("unavailable", "down")) : billing.run(Billing.sweep);
  const warn = (_: object, message: string) => void warnings.push(message);
  startSweeper({ step, log: { ...log, warn } as Log });
  await expect.poll(() => warnings, eventually).toEqual(["old rows stay until the next sweep"]);
  isAway = false;
  await rejectDaysAgo(91);
  await vi.advanceTimersByTimeAsync(60 * 60 * 1_000);
  await expect.poll(left, eventually).toEqual([]);
});
