import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { record } from "./billing/record.ts";
import { type Database, openDatabase } from "./database.ts";
import { create } from "./inventory/create.ts";
import { list } from "./inventory/list.ts";
import { IDLE_SECONDS, openPool } from "./pool.ts";
import { fullJitter, retryInPlace } from "./retry.ts";
import { type Ending, type MessageCutter, openMessageCutter } from "./testing/message-cutter.ts";
import { expectNoEscapes } from "./testing/no-escapes.ts";
import { postgresMessages } from "./testing/postgres-messages.ts";

const POOL = 2;
const ENDINGS: readonly Ending[] = ["fin", "rst", "57P01"];
const admin = {
  movies: postgres(movies(inject("adminUrl")), { max: 1 }),
  orders: postgres(orders(inject("adminUrl")), { max: 1 }),
};
afterAll(async () => {
  await Promise.all(Object.values(admin).map((connection) => connection.end()));
});

const escaped = expectNoEscapes();

function movies(url: string): string {
  return Object.assign(new URL(url), { pathname: "/movies" }).href;
}

function orders(url: string): string {
  return Object.assign(new URL(url), { pathname: "/orders" }).href;
}

function urlThrough(cutter: MessageCutter, target: string, sslmode: string): string {
  const { username, password, pathname } = new URL(target);
  return `postgres://${username}:${password}@localhost:${cutter.port}${pathname}?sslmode=${sslmode}`;
}

function through(cutter: MessageCutter, target: string, sslmode: string): Database {
  const url = urlThrough(cutter, target, sslmode);
  return openDatabase({ url, name: "test", connectionsMax: POOL });
}

/** The backends that answer when as many queries run at once as the pool has connections. */
function backends(database: Database) {
  const ask = () =>
    database.run(async (db) => {
      const [row] = await db.execute(sql`SELECT pg_backend_pid() AS pid, pg_sleep(0.01)`);
      return row?.pid;
    });
  return Promise.allSettled(Array.from({ length: POOL }, ask));
}

interface Scenario {
  name: string;
  url: string;
  tls?: boolean;
  sslmode?: "require" | "prefer" | "disable";
  endings?: readonly Ending[];
  /** Whether the connection is open before the work begins. */
  isWarm: boolean;
  work(database: Database, attempt: string): Promise<unknown>;
  /** Describes what is wrong with the rows of an attempt that failed and was repeated; "" when they are right. */
  flaw?(attempt: string): Promise<string>;
}

const ORDERS = 20;
/** The first 20 characters of an id represent one idempotency key. */
const order = (attempt: string, index: number) => ({
  id: `${100 + index}-${attempt}`,
  userId: 1,
  numberOfItems: 1,
  totalAmount: "1.00",
});
const batch = (attempt: string) => Array.from({ length: ORDERS }, (_, index) => order(attempt, index));

async function countOrders(attempt: string): Promise<number> {
  const [row] = await admin.orders`
    SELECT count(*)::int AS count FROM orders WHERE id LIKE ${`%-${attempt}`}`;
  return row?.count;
}

async function countMovies(title: string): Promise<number> {
  const [row] = await admin.movies`SELECT count(*)::int AS count FROM movies WHERE title = ${title}`;
  return row?.count;
}

const read: Omit<Scenario, "name"> = {
  url: inject("moviesUrl"),
  isWarm: false,
  work: (database) => database.run((db) => list(db, { limit: 2 })),
};

const SCENARIOS: readonly Scenario[] = [
  { ...read, name: "a start and a read" },
  {
    ...read,
    name: "a start that asks a server without TLS for it, and a read",
    sslmode: "prefer",
    endings: ["fin"],
  },
  { ...read, name: "a start and a read within TLS", tls: true, sslmode: "require", endings: ["fin", "rst"] },
  {
    name: "a write without a key",
    url: inject("moviesUrl"),
    isWarm: true,
    work: (database, title) => database.run((db) => create(db, { title, description: "" }, { owner: "ann" })),
    // The first attempt may have committed although its answer was lost.
    flaw: async (title) => {
      const count = await countMovies(title);
      return count === 1 || count === 2 ? "" : `${count} movies`;
    },
  },
  {
    name: "a write with a key",
    url: inject("moviesUrl"),
    isWarm: true,
    work: (database, title) =>
      database.run((db) =>
        create(db, { title, description: "" }, { owner: "ann", idempotencyKey: `key-${title}` }),
      ),
    flaw: async (title) => {
      const count = await countMovies(title);
      return count === 1 ? "" : `${count} movies`;
    },
  },
  {
    name: "a batch of orders",
    url: inject("ordersUrl"),
    isWarm: true,
    work: (database, attempt) => database.run((db) => record(db, batch(attempt))),
    flaw: async (attempt) => {
      const count = await countOrders(attempt);
      return count === ORDERS ? "" : `${count} orders`;
    },
  },
  {
    name: "a transaction that sends its statements at once",
    endings: ["fin", "rst"],
    url: inject("moviesUrl"),
    isWarm: true,
    work: (database) =>
      database.run((db) =>
        db.transaction((tx) => Promise.all([1, 2, 3].map((n) => tx.execute(sql`SELECT ${n}::int AS n`)))),
      ),
  },
  {
    name: "twice as many reads at once as there are connections",
    endings: ["rst", "57P01"],
    url: inject("moviesUrl"),
    isWarm: true,
    async work(database) {
      const reads = Array.from({ length: 2 * POOL }, (_, n) =>
        database.run((db) => db.execute(sql`SELECT ${n}::int AS n`)),
      );
      await Promise.allSettled(reads);
      return Promise.all(reads);
    },
  },
];

describe.each(SCENARIOS)(
  "$name",
  ({ url, tls = false, sslmode = "disable", endings = ENDINGS, isWarm, work, flaw }) => {
    let cutter: MessageCutter;
    beforeAll(async () => {
      cutter = await openMessageCutter(url, postgresMessages, { tls });
    });
    afterAll(() => cutter[Symbol.asyncDispose]());

    async function open(): Promise<Database> {
      cutter.mend();
      const database = through(cutter, url, sslmode);
      if (isWarm) await database.run((db) => db.execute(sql`SELECT 1`));
      return database;
    }

    /** The flaws after the connection has ended behind message number `after`; empty without a flaw. */
    async function flaws(after: number, by: Ending, attempt: string): Promise<string[]> {
      const database = await open();
      cutter.cut(after, by);
      const found: string[] = [];
      const [first] = await Promise.allSettled([work(database, attempt)]);
      if (first?.status === "rejected") {
        if (first.reason.code !== "unavailable") found.push(`failed with ${first.reason}`);
      }
      // One query may still meet the connection that has just ended.
      const lost = (await backends(database)).filter(({ status }) => status === "rejected");
      if (lost.length > 1) found.push(`${lost.length} queries failed after it`);
      const pids = (await backends(database)).map((each) =>
        each.status === "fulfilled" ? each.value : "none",
      );
      if (pids.includes("none") || new Set(pids).size !== POOL) found.push(`then answered ${pids}`);
      // The interrupted connection, and at most twice the pool.
      if (cutter.connections > 2 * POOL + 1) found.push(`${cutter.connections} connections`);
      if (first?.status === "rejected")
        await work(database, attempt).catch((error) => found.push(`again: ${error}`));
      const wrong = await flaw?.(attempt);
      if (wrong) found.push(wrong);
      await database.close();
      return found;
    }

    test.each(endings)(
      "loses at most the current query when its connection ends by %s at each message in turn",
      async (by) => {
        const database = await open();
        cutter.mend();
        await work(database, randomUUID());
        const messages = [...cutter.seen];
        await database.close();
        expect(messages.length).toBeGreaterThan(5);
        const report: Record<string, string[]> = {};
        for (let after = isWarm ? 1 : 0; after <= messages.length; after++) {
          const found = await flaws(after, by, randomUUID());
          if (escaped.length > 0) found.push(`escaped: ${escaped.splice(0).join(", ")}`);
          if (found.length > 0) report[`${after} ${messages[after - 1]}`] = found;
          // Each report may take several query deadlines; five are enough.
          if (Object.keys(report).length === 5) break;
        }
        expect(report).toEqual({});
      },
    );
  },
);

describe("a server that hangs up on each start", () => {
  let cutter: MessageCutter;
  let start: number;
  beforeAll(async () => {
    cutter = await openMessageCutter(read.url, postgresMessages);
    const database = through(cutter, read.url, "disable");
    await database.isUp();
    start = cutter.seen.indexOf("< ReadyForQuery") + 1;
    await database.close();
  });
  afterAll(() => cutter[Symbol.asyncDispose]());

  test.each(ENDINGS)(
    "by %s gets one connection attempt per query, at whichever message it hangs up",
    async (by) => {
      for (let after = 0; after < start; after++) {
        cutter.cutEach(after, by);
        const database = through(cutter, read.url, "disable");
        const [answer] = await Promise.allSettled([read.work(database, "")]);
        expect({ after, connections: cutter.connections, answer }).toMatchObject({
          after,
          connections: 1,
          answer: { status: "rejected", reason: { code: "unavailable" } },
        });
        cutter.mend();
        await expect(read.work(database, "")).resolves.toBeDefined();
        await database.close();
      }
    },
  );

  // "The database system is starting up", "too many connections", "password authentication failed".
  test.each<Ending>(["fin", "rst", "57P03", "53300", "28P01"])(
    "by %s gets attempts at the pace of the back-off and a new connection once it answers",
    async (by) => {
      // The longest waits that full jitter gives: 100, 200, 400 ms.
      vi.spyOn(Math, "random").mockReturnValue(0.999);
      cutter.cutEach(1, by);
      const database = through(cutter, read.url, "disable");
      const many = Array.from({ length: 60 }, () => read.work(database, ""));
      await Promise.race([Promise.allSettled(many), sleep(1_000)]);
      // Each of the two connections tries at 0, 0.2 and 0.8 s, or earlier where the other has not yet counted a failure.
      expect(cutter.connections).toBeLessThan(12);
      cutter.mend();
      await Promise.allSettled(many);
      vi.restoreAllMocks();
      await expect(read.work(database, "")).resolves.toBeDefined();
      await database.close();
    },
  );

  test.each(ENDINGS)(
    "by %s during the driver's query for array types does not end a process that makes it",
    async (by) => {
      // Parse, Describe, Execute, and the first message of the answer.
      cutter.cut(start + 6, by);
      const pool = postgres(urlThrough(cutter, read.url, "disable"), { max: 1 });
      await expect(pool`SELECT 1`).rejects.toThrow();
      await expect(pool`SELECT 1`).resolves.toBeDefined();
      await pool.end();
    },
  );

  test("gets no connection from a pool that was closed during the back-off", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    cutter.cutEach(1, "fin");
    const url = urlThrough(cutter, read.url, "disable");
    const { sql: pool } = await openPool({ url, name: "test", connectionsMax: 1 });
    await expect(pool`SELECT 1`).rejects.toThrow();
    cutter.mend();
    const waits = expect(pool`SELECT 1`).rejects.toMatchObject({ code: "CONNECTION_DESTROYED" });
    await sleep(0);
    await pool.end({ timeout: 0 });
    await waits;
    // Longer than the back-off after one failure.
    await sleep(200);
    expect(cutter.connections).toBe(0);
    vi.restoreAllMocks();
  });
});

describe("a pool that ends while queries wait for its one connection", () => {
  let cutter: MessageCutter;
  beforeAll(async () => {
    cutter = await openMessageCutter(read.url, postgresMessages);
  });
  afterAll(() => cutter[Symbol.asyncDispose]());

  /** A transaction uses the one connection, so that the other queries wait. */
  async function openFull(waiting: string) {
    cutter.mend();
    const url = urlThrough(cutter, read.url, "disable");
    const { sql: pool } = await openPool({ url, name: "ending", connectionsMax: 1 });
    const [row] = await pool`SELECT pg_backend_pid() AS pid`;
    const sleeping = pool.begin((tx) => tx`SELECT pg_sleep(0.3)`);
    const queued = [1, 2].map(() => pool.unsafe(waiting).execute());
    let settled = 0;
    const answers = Promise.allSettled([sleeping, ...queued].map((each) => each.finally(() => settled++)));
    await vi.waitFor(
      async () => {
        const sessions = admin.movies`SELECT 1 FROM pg_stat_activity WHERE pid = ${row?.pid} AND query LIKE '%pg_sleep%'`;
        expect(await sessions).toHaveLength(1);
      },
      { timeout: 60_000 },
    );
    const statuses = async () => (await answers).map(({ status }) => status);
    return { pool, pid: row?.pid, statuses, settled: () => settled };
  }

  async function expectClosed(pool: postgres.Sql): Promise<void> {
    const { connections } = cutter;
    await expect(pool.reserve()).rejects.toMatchObject({ code: "CONNECTION_ENDED" });
    // A backend notices that its client has left when its statement ends, after at most 5 s: the role's statement_timeout.
    const left = () => admin.movies`SELECT 1 FROM pg_stat_activity WHERE application_name = 'ending'`;
    await vi.waitFor(async () => expect(await left()).toEqual([]), { timeout: 60_000 });
    expect(cutter.connections).toBe(connections);
  }

  test.each([
    ["hangs up", true],
    ["answers", false],
  ])("settles them all and opens no further connection, when the server %s", async (_, isKilled) => {
    const { pool, pid, statuses, settled } = await openFull("SELECT 1");
    const ended = pool.end({ timeout: 5 });
    if (isKilled) await admin.movies`SELECT pg_terminate_backend(${pid})`;
    await ended;
    expect(settled()).toBe(3);
    expect(await statuses()).toEqual([isKilled ? "rejected" : "fulfilled", "fulfilled", "fulfilled"]);
    await expectClosed(pool);
  });

  test("settles them within the time-out of `end`", async () => {
    const { pool, pid, statuses } = await openFull("SELECT pg_sleep(60)");
    const ended = pool.end({ timeout: 1 });
    await admin.movies`SELECT pg_terminate_backend(${pid})`;
    await ended;
    expect(await statuses()).toEqual(["rejected", "rejected", "rejected"]);
    await expectClosed(pool);
  });
});

/** Retries in the same way as billing does for a failure that may pass. */
const insist = <T>(work: () => Promise<T>) =>
  retryInPlace(work, { isTransient: () => true, signal: AbortSignal.timeout(30_000) });

describe("a real server", () => {
  test("whose backend is killed in a transaction fails that request and no other", async () => {
    const database = openDatabase({ url: read.url, name: "test", connectionsMax: POOL });
    const title = randomUUID();
    for (let round = 0; round < 2; round++) {
      const lost = database.run((db) =>
        db.transaction(async (tx) => {
          const [row] = await tx.execute(sql`SELECT pg_backend_pid() AS pid`);
          await tx.execute(sql`INSERT INTO movies (title, description) VALUES (${title}, '')`);
          process.kill(Number(row?.pid), "SIGKILL");
          await tx.execute(sql`SELECT pg_sleep(5)`);
        }),
      );
      await expect(lost).rejects.toMatchObject({ code: "unavailable" });
      // The server recovers first and answers 57P03 until then.
      await insist(() => read.work(database, ""));
      await insist(() => admin.movies`SELECT 1`);
    }
    expect(await countMovies(title)).toBe(0);
    const answers = await backends(database);
    expect(new Set(answers.map((each) => each.status === "fulfilled" && each.value)).size).toBe(POOL);
    await database.close();
  });

  test("whose operator ends sessions while orders arrive records each order once", async () => {
    const database = openDatabase({ url: inject("ordersUrl"), name: "hang-up" });
    const attempts = Array.from({ length: 100 }, () => randomUUID());
    const endSessions = () => admin.orders`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hang-up'`;
    for (let first = 0; first < attempts.length; first += 10) {
      const arrived = attempts.slice(first, first + 10);
      const recorded = arrived.map((attempt) =>
        insist(() => database.run((db) => record(db, batch(attempt)))),
      );
      for (let times = 0; times < 3; times++) await endSessions();
      await Promise.all(recorded);
    }
    const counts = await Promise.all(attempts.map(countOrders));
    expect(counts).toEqual(attempts.map(() => ORDERS));
    await database.close();
  });

  test("that closes idle sessions just as the next query comes fails at most one attempt of it", async () => {
    await admin.movies`ALTER ROLE inventory SET idle_session_timeout = '200ms'`;
    const database = openDatabase({ url: read.url, name: "test", connectionsMax: POOL });
    try {
      for (let round = 0; round < 24; round++) {
        await sleep(192 + (round % 12));
        // Like the gateway: a pause, then one more attempt.
        await read.work(database, "").catch(() => sleep(fullJitter(1)).then(() => read.work(database, "")));
      }
    } finally {
      await admin.movies`ALTER ROLE inventory RESET idle_session_timeout`;
      await database.close();
    }
  });

  test("keeps no idle session of this pool for longer than RDS Proxy allows", async () => {
    const database = openDatabase({ url: read.url, name: "idle", connectionsMax: POOL });
    const sessions = async () =>
      (await admin.movies`SELECT 1 FROM pg_stat_activity WHERE application_name = 'idle'`).length;
    await admin.movies`SELECT 1`;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
    try {
      await read.work(database, "");
      expect(await sessions()).toBe(1);
      await vi.advanceTimersByTimeAsync(IDLE_SECONDS * 1_000);
      await vi.waitFor(async () => expect(await sessions()).toBe(0), { timeout: 60_000 });
    } finally {
      vi.useRealTimers();
      await database.close();
    }
    expect(IDLE_SECONDS).toBeLessThan(1_800);
  });
});
