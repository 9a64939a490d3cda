import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { CONNECTIONS_MAX, type Database, isLasting, openDatabase, prepared, sqlState } from "./database.ts";
import { databaseUrl, migrate } from "./migrate.ts";

const admin = postgres(inject("adminUrl"), { max: 2, onnotice: () => {} });
const moviesUrl = inject("moviesUrl");
let database: Database;

beforeEach(() => {
  database = openDatabase({ url: moviesUrl, name: "test", deadlineSeconds: 1 });
});
afterEach(() => database.close());

test("a query to a frozen server rejects at the deadline, and the next query uses a new connection", async () => {
  // One connection, so that the second query meets the frozen process.
  const single = openDatabase({ url: moviesUrl, name: "test", connectionsMax: 1, deadlineSeconds: 4 });
  const [row] = await single.run((db) => db.execute(sql`SELECT pg_backend_pid() AS pid`));
  const backend = Number(row?.pid);
  process.kill(backend, "SIGSTOP");
  try {
    await expect(single.run((db) => db.execute(sql`SELECT 1`))).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(single.isUp()).resolves.toBe(true);
  } finally {
    process.kill(backend, "SIGCONT");
    await single.close();
  }
});

/** Holds every connection that verbs may take until it is released. */
async function occupied(busy: Database, count: number) {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  const begun = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const works = begun.map(({ resolve }) =>
    busy.run(async () => {
      resolve();
      await promise;
    }),
  );
  await Promise.all(begun.map((each) => each.promise));
  return { release, works };
}

test("a wait for a turn does not count towards the deadline, and the pool is kept", async () => {
  const single = openDatabase({ url: moviesUrl, name: "test", connectionsMax: 1, deadlineSeconds: 2 });
  const backend = () => single.run((db) => db.execute(sql`SELECT pg_backend_pid() AS pid`));
  try {
    const before = await backend();
    // The last one waits for 2.5 s.
    const works = Array.from({ length: 6 }, () => single.run((db) => db.execute(sql`SELECT pg_sleep(0.5)`)));
    await expect(Promise.all(works)).resolves.toHaveLength(6);
    expect(await backend()).toEqual(before);
  } finally {
    await single.close();
  }
});

test("an asker is told that the database is busy when the wait is too long; other work waits for its turn", async () => {
  const busy = openDatabase({ url: moviesUrl, name: "test", waitSeconds: 0.1 });
  try {
    const { release, works } = await occupied(busy, CONNECTIONS_MAX - 1);
    const batch = busy.run((db) => db.execute(sql`SELECT 7 AS value`));
    const asked = vi.fn();
    const { signal } = new AbortController();
    await expect(busy.run(asked, { signal })).rejects.toMatchObject({ code: "busy" });
    // A database of which every connection is taken is up.
    expect(await busy.isUp()).toBe(true);
    release();
    await Promise.all(works);
    expect(await batch).toEqual([{ value: 7 }]);
    expect(asked).not.toHaveBeenCalled();
  } finally {
    await busy.close();
  }
});

test("the pool drops connections that have become read-only", async () => {
  const insert = () =>
    database.run((db) => db.execute(sql`INSERT INTO movies (title, description) VALUES ('Alien', '')`));
  await admin`ALTER ROLE inventory SET default_transaction_read_only = on`;
  await expect(insert()).rejects.toMatchObject({ code: "unavailable" });
  await admin`ALTER ROLE inventory RESET default_transaction_read_only`;
  // The pool dropped them at the failure above; otherwise they would refuse writes for as long as they exist.
  await expect(insert()).resolves.toBeDefined();
});

test.each([
  ["statement_timeout", "5s"],
  ["lock_timeout", "2s"],
  ["idle_in_transaction_session_timeout", "10s"],
])("the role itself has %s = %s, because a SET would pin RDS Proxy", async (setting, value) => {
  const [row] = await database.run((db) => db.execute(sql`SELECT current_setting(${setting}) AS value`));
  expect(row?.value).toBe(value);
});

test("a query that exceeds the statement timeout gives unavailable", async () => {
  await admin`ALTER ROLE inventory SET statement_timeout = '100ms'`;
  try {
    await expect(database.run((db) => db.execute(sql`SELECT pg_sleep(30)`))).rejects.toMatchObject({
      code: "unavailable",
    });
  } finally {
    await admin`ALTER ROLE inventory SET statement_timeout = '5s'`;
  }
});

test("an error caused by the values is not reported as unavailable", async () => {
  const error = await database.run((db) => db.execute(sql`SELECT 1 / 0`)).catch((thrown: unknown) => thrown);
  expect(sqlState(error)).toBe("22012");
  expect(isLasting(error)).toBe(true);
});

test("a query rejects after the connect time-out when the server accepts connections and sends nothing", async () => {
  const silent = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const url = `postgres://inventory:x@127.0.0.1:${(silent.address() as AddressInfo).port}/movies`;
  // A deadline far beyond this test's own, so that only the connect time-out can end the query.
  const lost = openDatabase({ url, name: "test", deadlineSeconds: 600 });
  await expect(lost.run((db) => db.execute(sql`SELECT 1`))).rejects.toMatchObject({ code: "unavailable" });
  silent.close();
});

test("a server that refuses connections gives unavailable at once", async () => {
  const nobody = openDatabase({ url: "postgres://nobody:x@127.0.0.1:1/none", name: "test" });
  await expect(nobody.run((db) => db.execute(sql`SELECT 1`))).rejects.toMatchObject({ code: "unavailable" });
});

describe("a prepared statement", () => {
  const value = prepared((db) =>
    db
      .select({ value: sql<number>`${sql.placeholder("value")}::int` })
      .from(sql`(select) as one`)
      .prepare("value"),
  );
  const titles = prepared((db) =>
    db.select({ title: sql<string>`title` }).from(sql`stale`).prepare("titles"),
  );
  const forget = () => single.run((db) => db.execute(sql`DEALLOCATE ALL`));
  let single: Database;

  beforeEach(() => {
    // One connection, which keeps its statements.
    single = openDatabase({ url: moviesUrl, name: "test", connectionsMax: 1 });
  });
  afterEach(() => single.close());

  test("is prepared again when a migration has changed the type of its result", async () => {
    const movies = postgres(databaseUrl(inject("adminUrl"), "movies"), { max: 1, onnotice: () => {} });
    try {
      await movies`CREATE TABLE stale AS SELECT 'Playtime' AS title`;
      await movies`GRANT SELECT ON stale TO inventory`;
      const read = () => single.run((db) => titles(db).execute());
      for (let time = 0; time < 2; time++) expect(await read()).toEqual([{ title: "Playtime" }]);
      await movies`ALTER TABLE stale ALTER COLUMN title TYPE varchar(100)`;
      expect(await read()).toEqual([{ title: "Playtime" }]);
    } finally {
      await movies`DROP TABLE IF EXISTS stale`;
      await movies.end();
    }
  });

  test("is prepared again when the server has lost it, also with many in flight", async () => {
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const ask = () =>
      Promise.all(numbers.map((number) => single.run((db) => value(db).execute({ value: number }))));
    await ask();
    await forget();
    expect(await ask()).toEqual(numbers.map((number) => [{ value: number }]));
  });

  test("is prepared again in a transaction, which runs again as a whole", async () => {
    const ask = () => single.run((db) => db.transaction((tx) => value(tx).execute({ value: 7 })));
    await ask();
    await forget();
    expect(await ask()).toEqual([{ value: 7 }]);
  });

  test("is not used with prepare=false in the URL", async () => {
    const named = async (url: string) => {
      const database = openDatabase({ url, name: "test", connectionsMax: 1 });
      try {
        expect(await database.run((db) => value(db).execute({ value: 7 }))).toEqual([{ value: 7 }]);
        return await database.run((db) => db.execute(sql`SELECT name FROM pg_prepared_statements`));
      } finally {
        await database.close();
      }
    };
    expect(await named(moviesUrl)).toHaveLength(1);
    expect(await named(`${moviesUrl}?prepare=false`)).toHaveLength(0);
  });
});

test("migrations may run again, and twice at the same time", async () => {
  const again = () =>
    migrate("inventory", { adminUrl: inject("adminUrl"), servicePassword: "only-for-tests" });
  await expect(Promise.all([again(), again()])).resolves.toBeDefined();
  await expect(database.isUp()).resolves.toBe(true);
});
