import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { CONNECTIONS_MAX, type Database, openDatabase } from "@cloud-design/core/database";
import { SCOPES } from "@cloud-design/core/identity";
import { createLog } from "@cloud-design/core/log";
import { startTelemetry } from "@cloud-design/telemetry";
import { TelemetryEnvironment } from "@cloud-design/telemetry/env";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Listener, listen } from "../../shared/listen.ts";
import { createApp } from "./app.ts";
import { openImportFiles } from "./import-files.ts";

/** The requests that a task holds at once: one for each connection but the probes', and those that may wait. */
const HELD_MAX = CONNECTIONS_MAX - 1 + 220;
const PATIENT_SECONDS = 60;

/** The requests whose statement has begun, and those whose client has gone meanwhile. */
const seen = { begun: 0, gone: 0 };

const admin = postgres(inject("adminUrl"), { max: 1, onnotice: () => {} });
const movies = postgres(inject("adminUrl").replace(/postgres$/, "movies"), { max: 1, onnotice: () => {} });
let metricsUrl: string;
let database: Database;
let server: Listener;

beforeAll(async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  const environment = TelemetryEnvironment.parse({ METRICS_PORT: String(port) });
  await startTelemetry({ service: "inventory", environment });
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  // Statements that wait for the table must not end before the test says so.
  await admin`ALTER ROLE inventory SET lock_timeout = '60s'`;
  await admin`ALTER ROLE inventory SET statement_timeout = '60s'`;
});
afterAll(async () => {
  await admin`ALTER ROLE inventory SET lock_timeout = '2s'`;
  await admin`ALTER ROLE inventory SET statement_timeout = '5s'`;
  await Promise.all([admin.end(), movies.end()]);
});

async function serve(waitSeconds: number): Promise<void> {
  database = openDatabase({
    url: inject("moviesUrl"),
    name: "test",
    waitSeconds,
    deadlineSeconds: PATIENT_SECONDS,
  });
  Object.assign(seen, { begun: 0, gone: 0 });
  const run: Database["run"] = (verb, asker) => {
    asker?.signal.addEventListener("abort", () => seen.gone++);
    return database.run((db) => {
      seen.begun++;
      return verb(db);
    }, asker);
  };
  const app = createApp({
    database: { ...database, run },
    files: openImportFiles("imports"),
    verifier: { verify: async () => ({ id: "ann", scopes: new Set(SCOPES) }) },
    webhooks: { secret: async () => "", isLoopbackAllowed: false },
    siteUrl: "https://docs.example",
    log: createLog("test"),
  });
  server = await listen(app.fetch, { port: 0, host: "127.0.0.1", siteUrl: "https://docs.example" });
}
afterEach(() => Promise.all([server.close(0), database.close()]));

const ask = (path: string, signal?: AbortSignal) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, {
    headers: { authorization: "Bearer abc" },
    ...(signal && { signal }),
  });

/** The sum of a counter over all its series. */
async function counted(name: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const values = [...text.matchAll(new RegExp(`^${name}_total(?:\\{.*\\})? (\\d+)`, "gm"))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Keeps every statement of inventory waiting until it is released. */
async function lockedTable(): Promise<() => Promise<void>> {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const holding = movies.begin(async (sql) => {
    await sql`LOCK TABLE movies IN ACCESS EXCLUSIVE MODE`;
    locked.resolve();
    await released.promise;
  });
  await Promise.race([locked.promise, holding]);
  return async () => {
    released.resolve();
    await holding;
  };
}

describe.each([1.5, 3])("%d times what a task holds", (factor) => {
  beforeEach(() => serve(PATIENT_SECONDS));

  test("is served up to the limit, the rest is refused at once, and the pool is kept", async () => {
    const before = { shed: await counted("requests_shed"), pools: await counted("database_pool_discarded") };
    const offered = Math.ceil(HELD_MAX * factor);
    const release = await lockedTable();
    const refused: Response[] = [];
    const answers = Array.from({ length: offered }, async () => {
      const answer = await ask("/api/movies/1");
      if (answer.status === 503) refused.push(answer);
      return answer;
    });
    // All that is refused is refused while nothing is served.
    await expect.poll(() => refused.length).toBe(offered - HELD_MAX);
    expect(await (await ask("/health/components")).json()).toEqual({ "inventory-database": "up" });
    await release();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 404)).toHaveLength(HELD_MAX);
    expect(refused).toHaveLength(offered - HELD_MAX);
    for (const { headers } of refused) {
      expect(headers.get("retry-after")).toMatch(/^[2-5]$/);
      expect(headers.get("x-overloaded")).toBe("true");
    }
    expect(await refused[0]?.json()).toMatchObject({
      type: "https://docs.example/problems/unavailable",
      detail: expect.stringContaining("busy"),
    });
    expect(await counted("requests_shed")).toBe(before.shed + refused.length);
    const after = await Promise.all(Array.from({ length: HELD_MAX }, () => ask("/api/movies/1")));
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set([404]));
    expect(await counted("database_pool_discarded")).toBe(before.pools);
  });
});

test("a wait beyond the limit of time is refused, and what has begun is served", async () => {
  await serve(0.2);
  const release = await lockedTable();
  const answers = Array.from({ length: 50 }, () => ask("/api/movies/1"));
  const early: number[] = [];
  for (const answer of answers) void answer.then(({ status }) => early.push(status));
  await expect.poll(() => early.length).toBe(50 - (CONNECTIONS_MAX - 1));
  expect(new Set(early)).toEqual(new Set([503]));
  await release();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 404)).toHaveLength(CONNECTIONS_MAX - 1);
});

test("a client that has gone takes no turn", async () => {
  await serve(PATIENT_SECONDS);
  const release = await lockedTable();
  const leaving = new AbortController();
  const asked = Array.from({ length: HELD_MAX }, () =>
    ask("/api/movies/1", leaving.signal).catch(() => "gone"),
  );
  await expect.poll(async () => (await ask("/api/movies/1")).status).toBe(503);
  leaving.abort();
  expect(new Set(await Promise.all(asked))).toEqual(new Set(["gone"]));
  await expect.poll(() => seen.gone).toBe(HELD_MAX);
  await release();
  expect((await ask("/api/movies/1")).status).toBe(404);
  expect(seen.begun).toBe(CONNECTIONS_MAX - 1 + 1);
});
