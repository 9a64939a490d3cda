import { join } from "node:path";
import {
  ASSETS_KEY,
  DEPLOYMENT_KEY,
  FEED_KEY,
  HISTORY_KEY,
  INCIDENTS_KEY,
  LEDGER_KEY,
  PAGE_KEY,
  STATUS_KEY,
} from "@cloud-design/functions/shared/status-keys";
import { openStore, type Store } from "@cloud-design/functions/shared/status-store";
import type { Ledger } from "@cloud-design/functions/status-probe/ledger";
import { checkAndPublish } from "@cloud-design/functions/status-probe/publish";
import { type Check, COMPONENTS } from "@cloud-design/status";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { temporaryDirectory } from "../../servers/temporary-directory.ts";
import { type SiteBucket, startBucket } from "../cloudfront/bucket.ts";
import { BUCKET } from "../cloudfront/bucket-name.ts";

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let bucket: SiteBucket;
let store: Store;
let state: "up" | "down";
let ledgers: Ledger[];

const siteUrl = "https://movies.example";
const incident = {
  id: "2026-11-01-slow",
  title: "Slow answers",
  started: "2026-11-01T10:00:00Z",
  resolved: "2026-11-01T10:30:00Z",
  components: ["api"],
  impact: "Answers took ten seconds.",
  body: "A table had no index.",
};

beforeAll(async () => {
  directory = await temporaryDirectory();
  bucket = await startBucket({
    port: 0,
    region: "eu-west-3",
    stateDirectory: directory.path,
    gatewayLog: join(directory.path, "gateway.log"),
    importsQueueUrl: "http://127.0.0.1:1/000000000000/imports",
  });
  vi.stubEnv("AWS_ENDPOINT_URL_S3", new URL(bucket.url).origin);
  vi.stubEnv("AWS_REGION", "eu-west-3");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  store = openStore(BUCKET);
  await store.write(ASSETS_KEY, "application/json", '{"css": "status.ABC.css", "script": "status.DEF.js"}');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await bucket.stop();
  await directory[Symbol.asyncDispose]();
});

beforeEach(async () => {
  state = "up";
  ledgers = [];
  await store.write(INCIDENTS_KEY, "application/json", JSON.stringify([incident]));
});

/** Each run finds one more order. */
function found(before: Ledger, checkedAt: Date): { check: Check; ledger: Ledger } {
  const ledger = { ...before, accepted: before.accepted + 1 };
  const components = Object.fromEntries(Object.keys(COMPONENTS).map((id) => [id, { state }]));
  const check = {
    checkedAt: checkedAt.toISOString(),
    components: components as Check["components"],
    orders: { waiting: ledger.accepted, oldestSeconds: 2, ledger },
  };
  return { check, ledger };
}

function run(checkedAt = new Date()) {
  const check = async (before: Ledger) => {
    ledgers.push(before);
    return found(before, checkedAt);
  };
  return checkAndPublish({ store, siteUrl, check, intervalSeconds: 60 });
}

const read = async (key: string) => (await store.read(key)) ?? "";

test("writes status, history, page and feed with the headers that a browser needs", async () => {
  await store.write(DEPLOYMENT_KEY, "application/json", "{}");
  const status = await run();
  expect(JSON.parse(await read(STATUS_KEY))).toEqual(status);
  expect(status).toMatchObject({ state: "up", summary: "Everything works.", interval_seconds: 60 });
  expect(Date.now() - Date.parse(status.deployed_at ?? "")).toBeLessThan(60_000);
  expect(JSON.parse(await read(HISTORY_KEY)).days).toHaveLength(1);
  expect(await read(PAGE_KEY)).toContain("Everything works.");
  expect(await read(PAGE_KEY)).toContain(incident.title);
  expect(await read(FEED_KEY)).toContain(`${siteUrl}/status#incident-${incident.id}`);
  const types = [STATUS_KEY, PAGE_KEY, FEED_KEY].map(async (key) => {
    const { headers } = await fetch(`${bucket.url}/${key}`);
    return [headers.get("content-type"), headers.get("cache-control")];
  });
  const cache = "public, max-age=1, must-revalidate";
  expect(await Promise.all(types)).toEqual([
    ["application/json", cache],
    ["text/html; charset=utf-8", cache],
    ["application/atom+xml; charset=utf-8", cache],
  ]);
});

test("the next run knows the result of the last one, and since when it holds", async () => {
  const first = await run(new Date("2026-11-26T10:00:00Z"));
  state = "down";
  const second = await run(new Date("2026-11-26T10:01:00Z"));
  expect(ledgers.at(-1)?.accepted).toBe(first.orders?.accepted);
  expect(ledgers.at(-1)?.since).toBe(ledgers[0]?.since);
  expect(second.components.api).toMatchObject({ state: "down", since: "2026-11-26T10:01:00.000Z" });
});

test.each(["", "{", "[]", '{"state": "fine"}', "null"])(
  "a bucket in which every object is %j does not stop a run",
  async (garbage) => {
    for (const key of [STATUS_KEY, HISTORY_KEY, LEDGER_KEY, INCIDENTS_KEY, FEED_KEY])
      await store.write(key, "application/json", garbage);
    expect((await run()).state).toBe("up");
    // And the page says that the figures begin now.
    expect(ledgers[0]).toMatchObject({ accepted: 0, open: {} });
    expect(Date.now() - Date.parse(ledgers[0]?.since ?? "")).toBeLessThan(60_000);
    expect(JSON.parse(await read(HISTORY_KEY)).days).toHaveLength(1);
  },
);

test("writes the feed again only when an incident has changed", async () => {
  await run();
  const written = await store.writtenAt(FEED_KEY);
  await vi.waitUntil(() => Date.now() - (written?.getTime() ?? 0) > 1_000, { timeout: 5_000 });
  await run();
  expect(await store.writtenAt(FEED_KEY)).toEqual(written);
  await store.write(
    INCIDENTS_KEY,
    "application/json",
    JSON.stringify([{ ...incident, title: "Slower answers" }]),
  );
  await run();
  expect(await read(FEED_KEY)).toContain("Slower answers");
});

test("if the names of its files are missing, the page stays and its data is still written", async () => {
  await run();
  const page = await read(PAGE_KEY);
  const names = await read(ASSETS_KEY);
  await store.write(ASSETS_KEY, "application/json", "garbage");
  state = "down";
  await expect(run()).rejects.toThrow("deploy the site again");
  expect(await read(PAGE_KEY)).toBe(page);
  expect(JSON.parse(await read(STATUS_KEY))).toMatchObject({ components: { api: { state: "down" } } });
  await store.write(ASSETS_KEY, "application/json", names);
});

test("an incident that cannot be read does not hide the others", async () => {
  await store.write(INCIDENTS_KEY, "application/json", JSON.stringify([{ id: "x" }, incident]));
  await run();
  expect(await read(FEED_KEY)).toContain(incident.title);
});

test("a run fails when the bucket refuses to store", async () => {
  await expect(
    checkAndPublish({
      store: { ...store, write: () => Promise.reject(new Error("Access Denied")) },
      siteUrl,
      check: async (before) => found(before, new Date()),
      intervalSeconds: 60,
    }),
  ).rejects.toThrow("Access Denied");
});

test("a missing object is told apart from one that cannot be read", async () => {
  expect(await store.read("status/none.json")).toBeUndefined();
  expect(await store.writtenAt("status/none.json")).toBeUndefined();
  await expect(openStore("nobodys").read(STATUS_KEY)).rejects.toThrow();
});
