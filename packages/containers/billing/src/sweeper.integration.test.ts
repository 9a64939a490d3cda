import { openDatabase } from "@cloud-design/core/database";
import { DomainError } from "@cloud-design/core/errors";
import { createLog, type Log } from "@cloud-design/core/log";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { startSweeper } from "./sweeper.ts";

const admin = postgres(inject("adminUrl").replace(/postgres$/, "orders"), { max: 1, onnotice: () => {} });
const database = openDatabase({ url: inject("ordersUrl"), name: "test" });
const log = createLog("test");

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval"] });
  await admin`TRUNCATE rejections, attempts`;
});
afterEach(() => void vi.useRealTimers());
afterAll(() => Promise.all([admin.end(), database.close()]));

const rejectDaysAgo = (days: number, count = 1) => admin`
  INSERT INTO rejections (order_id, reason, rejected_at)
  SELECT ${`${days} `} || n, 'No.', now() - make_interval(days => ${days}) FROM generate_series(1, ${count}::int) n`;
const attemptHoursAgo = (hours: number) => admin`
  INSERT INTO attempts (message_key, started_at) VALUES (${`${hours}`}, now() - make_interval(hours => ${hours}))`;
const left = async () => {
  const rejections = await admin`SELECT order_id FROM rejections ORDER BY order_id`;
  const attempts = await admin`SELECT message_key FROM attempts ORDER BY message_key`;
  return [...rejections.map((row) => row.order_id), ...attempts.map((row) => row.message_key)];
};
const eventually = { timeout: 20_000 };

test("rejections older than 90 days and marks older than a day are deleted, by several processes at once", async () => {
  await Promise.all([rejectDaysAgo(89), rejectDaysAgo(91, 1_700), attemptHoursAgo(23), attemptHoursAgo(25)]);
  for (let process = 0; process < 3; process++) startSweeper({ database, log });
  await expect.poll(left, eventually).toEqual(["89 1", "23"]);
});

test("each hour the sweep is repeated, also after a failed one", async () => {
  const warnings: string[] = [];
  let isAway = true;
  const unsteady: typeof database = {
    ...database,
    run: (verb) => (isAway ? Promise.reject(new DomainError("unavailable", "down")) : database.run(verb)),
  };
  const warn = (_: object, message: string) => void warnings.push(message);
  startSweeper({ database: unsteady, log: { ...log, warn } as Log });
  await expect.poll(() => warnings, eventually).toEqual(["old rows stay until the next sweep"]);
  isAway = false;
  await rejectDaysAgo(91);
  await vi.advanceTimersByTimeAsync(60 * 60 * 1_000);
  await expect.poll(left, eventually).toEqual([]);
});
