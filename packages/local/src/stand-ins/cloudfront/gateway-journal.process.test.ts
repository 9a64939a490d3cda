import { appendFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { mintOrderId } from "@cloud-design/core/billing/order-id";
import { type Journal, openJournal } from "@cloud-design/functions/status-probe/journal";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";
import { type SiteBucket, startBucket } from "./bucket.ts";

/** Long enough ago that a reading takes several pieces. */
const NOON = Date.now() - 3_600_000;
const issuer = { secret: "a secret of thirty-two characters", owner: "ann" };

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let log: string;
let bucket: SiteBucket;
let read: (from: number) => ReturnType<Journal["read"]>;

beforeEach(async () => {
  directory = await temporaryDirectory();
  log = join(directory.path, "gateway.log");
  await start();
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, "local");
  vi.stubEnv("AWS_REGION", "eu-west-3");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await bucket.stop();
  await directory[Symbol.asyncDispose]();
});

async function start(): Promise<void> {
  const stateDirectory = join(directory.path, "s3");
  bucket = await startBucket({
    port: 0,
    region: "eu-west-3",
    stateDirectory,
    gatewayLog: log,
    importsQueueUrl: "http://127.0.0.1:1/000000000000/imports",
  });
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", new URL(bucket.url).origin);
  const journal = openJournal("gateway");
  read = (from) => journal.read(from, Number.POSITIVE_INFINITY);
}

const newId = () => mintOrderId({ userId: 1, numberOfItems: 1, totalAmount: "1.00" }, issuer);
const say = (fields: object) => appendFileSync(log, `${JSON.stringify(fields)}\n`);

/** As the gateway does. Returns the order's id. */
function accept(seconds: number, id = newId()): string {
  const time = new Date(NOON + seconds * 1_000).toISOString();
  say({ level: "info", time, service: "gateway", order_id: id, message: "order accepted" });
  return id;
}

const idsSince = async (seconds: number) =>
  (await read(NOON + seconds * 1_000)).acceptances.map(({ id }) => id);

test("finds the orders that the gateway has accepted since a time, with their time, and nothing else", async () => {
  accept(-1);
  const id = accept(2);
  say({
    time: new Date(NOON + 3_000).toISOString(),
    message: "the order accepted nothing",
    order_id: newId(),
  });
  say({ time: new Date(NOON + 3_000).toISOString(), message: "order accepted", order_id: "not an id" });
  appendFileSync(log, 'Error: "order accepted"\n');
  const askedAt = Date.now();
  const { acceptances, readTo, isComplete } = await read(NOON);
  expect(acceptances).toEqual([{ id, at: NOON + 2_000 }]);
  expect(isComplete).toBe(true);
  expect(readTo).toBeGreaterThanOrEqual(askedAt - 120_000);
});

test("without a log no order is found, until the log appears", async () => {
  expect(await idsSince(0)).toEqual([]);
  const id = accept(1);
  expect(await idsSince(0)).toEqual([id]);
});

test("finds lines that are written later, but a line only when it is whole", async () => {
  const first = accept(1);
  expect(await idsSince(0)).toEqual([first]);
  const time = new Date(NOON + 2_000).toISOString();
  const [start, end] = [`{"time":"${time}","order_id":"`, '","message":"order accepted"}\n'];
  const second = newId();
  appendFileSync(log, `${start}${second.slice(0, 9)}`);
  expect(await idsSince(0)).toEqual([first]);
  appendFileSync(log, `${second.slice(9)}${end}`);
  expect(await idsSince(0)).toEqual([first, second]);
});

test("a rotated log loses no order, neither while it is watched nor before", async () => {
  const ids = [accept(1)];
  expect(await idsSince(0)).toEqual(ids);
  ids.push(accept(2));
  renameSync(log, `${log}.1`);
  ids.push(accept(3));
  expect(await idsSince(0)).toEqual(ids);
  await bucket.stop();
  await start();
  expect(await idsSince(0)).toEqual(ids);
});

test("finds the orders of every time range, and the same orders when the reading is repeated", async () => {
  const ids = [accept(1), accept(60), accept(3_000)];
  expect(await idsSince(0)).toEqual(ids);
  expect(await idsSince(0)).toEqual(ids);
  expect(await idsSince(2)).toEqual(ids.slice(1));
});

test("more than a page is read page by page", async () => {
  const ids = Array.from({ length: 10_001 }, () => accept(1));
  expect(await idsSince(0)).toEqual(ids);
});

test("reads nothing while the stand-in does not answer", async () => {
  await bucket.stop();
  expect(await read(NOON)).toMatchObject({ acceptances: [], readTo: NOON, isComplete: false });
  await start();
});
