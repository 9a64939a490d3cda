import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { startTlsFront, type TlsFront } from "@cloud-design/core/testing/tls-front";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  ADMIN,
  arnOf,
  ask,
  asSuperuser,
  bundleWith,
  empty,
  type Invocation,
  invoke,
  NOUNS,
  SERVICE_PASSWORD,
  type Stage,
  startStage,
  storeServicePassword,
  superuserOf,
} from "./migrate-function.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(() => empty(stage));

const DATABASE_OF = { inventory: "movies", billing: "orders" };
const askAs = (noun: (typeof NOUNS)[number], password = SERVICE_PASSWORD, statement = "SELECT 1 AS one") =>
  ask(stage, { username: noun, password }, DATABASE_OF[noun], statement);

/** Every column, and every applied migration. */
async function schemaOf(database: string): Promise<unknown> {
  const columns = `SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY table_name, column_name`;
  return {
    columns: [...(await asSuperuser(stage, columns, database))],
    applied: [...(await asSuperuser(stage, "SELECT * FROM drizzle.__drizzle_migrations", database))],
  };
}
const schemas = () => Promise.all(Object.values(DATABASE_OF).map(schemaOf));

test("an administrator without superuser rights creates databases, tables and roles, and a second run changes nothing", async () => {
  await invoke(stage);
  const first = await schemas();
  await invoke(stage);
  expect(await schemas()).toEqual(first);
  for (const noun of NOUNS) expect(await askAs(noun)).toMatchObject([{ one: 1 }]);
  await expect(askAs("inventory", SERVICE_PASSWORD, "SELECT * FROM movies")).resolves.toEqual([]);
  await expect(askAs("inventory", SERVICE_PASSWORD, "DROP TABLE movies")).rejects.toThrow("must be owner");
  const other = ask(stage, { username: "inventory", password: SERVICE_PASSWORD }, "orders", "SELECT 1");
  await expect(other).rejects.toThrow("permission denied");
});

test("two invocations at once end as one", async () => {
  await Promise.all([invoke(stage), invoke(stage)]);
  for (const noun of NOUNS) expect(await askAs(noun)).toMatchObject([{ one: 1 }]);
});

test("a role has the current password of its secret", async () => {
  await invoke(stage);
  storeServicePassword(stage, "inventory", "another");
  await invoke(stage);
  expect(await askAs("inventory", "another")).toMatchObject([{ one: 1 }]);
  await expect(askAs("inventory", SERVICE_PASSWORD)).rejects.toThrow("authentication failed");
});

test("a broken migration throws and leaves the tables as they were", async () => {
  await invoke(stage);
  const before = await schemas();
  const bundle = await bundleWith(
    stage,
    "half",
    ["movies", "nowhere"].map((table) => `ALTER TABLE ${table} ADD COLUMN half text;`),
  );
  await expect(invoke(stage, { bundle })).rejects.toMatchObject({
    stderr: expect.stringContaining(
      'The tables of inventory could not be made: relation "nowhere" does not exist.',
    ),
  });
  expect(await schemas()).toEqual(before);
});

test("a migration that waits for a lock blocks other sessions only briefly, and is applied later", async () => {
  await invoke(stage);
  const bundle = await bundleWith(stage, "late", ["ALTER TABLE movies ADD COLUMN late text;"]);
  const reader = postgres({ ...superuserOf(stage), database: "movies", max: 1 });
  const transaction = await reader.reserve();
  await transaction`BEGIN`;
  await transaction`SELECT FROM movies`;
  let isMade = false;
  const made = invoke(stage, { bundle }).finally(() => {
    isMade = true;
  });
  const waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'movies'::regclass";
  // Seen twice, with a time between them without a waiting lock: it gave up, and tried again.
  for (const rows of [1, 0, 1])
    await expect.poll(() => asSuperuser(stage, waiting, "movies"), { interval: 20 }).toHaveLength(rows);
  // The role's own limit is 2 s.
  expect(await askAs("inventory", SERVICE_PASSWORD, "SELECT FROM movies")).toEqual([]);
  expect(isMade).toBe(false);
  transaction.release();
  await reader.end({ timeout: 0 });
  await made;
  expect(await askAs("inventory", SERVICE_PASSWORD, "SELECT late FROM movies")).toEqual([]);
});

describe("the index for searches", () => {
  const isValid = () =>
    asSuperuser(
      stage,
      "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('movies_title_search')",
      "movies",
    );
  const building = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'";
  const waiting = `${building} AND wait_event_type = 'Lock'`;

  /** A report that reads since before the build, which waits for it. */
  async function startReport() {
    const reader = postgres({ ...superuserOf(stage), database: "movies", max: 1 });
    const transaction = await reader.reserve();
    await transaction`BEGIN ISOLATION LEVEL REPEATABLE READ`;
    await transaction`SELECT FROM movies`;
    return { end: () => reader.end({ timeout: 0 }) };
  }

  beforeEach(async () => {
    await invoke(stage);
    await asSuperuser(stage, "DROP INDEX movies_title_search", "movies");
  });

  test("is built while a report reads and the service writes", async () => {
    const report = await startReport();
    const made = invoke(stage);
    await expect.poll(() => asSuperuser(stage, waiting)).toHaveLength(1);
    const insert = "INSERT INTO movies (title, description) VALUES ('Playtime', '') RETURNING title";
    expect(await askAs("inventory", SERVICE_PASSWORD, insert)).toHaveLength(1);
    await report.end();
    await made;
    expect(await isValid()).toEqual([{ indisvalid: true }]);
    const plan = await asSuperuser(
      stage,
      "SET enable_seqscan = off; EXPLAIN SELECT FROM movies WHERE lower(title) LIKE '%playtime%'",
      "movies",
    );
    expect(JSON.stringify(plan)).toContain("movies_title_search");
  });

  test("is built again when its build was interrupted", async () => {
    const report = await startReport();
    const failed = expect(invoke(stage)).rejects.toMatchObject({
      stderr: expect.stringContaining("The tables of inventory could not be made"),
    });
    await expect.poll(() => asSuperuser(stage, waiting)).toHaveLength(1);
    await asSuperuser(stage, `SELECT pg_terminate_backend(pid) FROM (${building}) AS build`);
    await failed;
    expect(await isValid()).toEqual([{ indisvalid: false }]);
    await report.end();
    await invoke(stage);
    expect(await isValid()).toEqual([{ indisvalid: true }]);
  });

  test("is built once when a stopped deployment's build goes on", async () => {
    const report = await startReport();
    const orphan = asSuperuser(
      stage,
      "CREATE INDEX CONCURRENTLY movies_title_search ON movies USING gin (lower(title) gin_trgm_ops)",
      "movies",
    );
    await expect.poll(() => asSuperuser(stage, waiting)).toHaveLength(1);
    const made = invoke(stage);
    const locking =
      "SELECT FROM pg_stat_activity WHERE query LIKE 'LOCK TABLE%' AND wait_event_type = 'Lock'";
    await expect.poll(() => asSuperuser(stage, locking)).toHaveLength(1);
    await report.end();
    await Promise.all([orphan, made]);
    expect(await isValid()).toEqual([{ indisvalid: true }]);
  });
});

const failures: [string, Invocation, string][] = [
  [
    "a secret that cannot be read",
    { env: { INVENTORY_ADMIN_SECRET_ARN: arnOf("missing") } },
    arnOf("missing"),
  ],
  [
    "a wrong administrator",
    { env: { BILLING_ADMIN_SECRET_ARN: arnOf("inventory") } },
    "The tables of billing",
  ],
  [
    "a server that does not answer",
    { url: "postgres://127.0.0.1:1/postgres?sslmode=disable" },
    "ECONNREFUSED",
  ],
  ["a URL without verification", { url: "postgres://a.example/postgres" }, "?sslmode=verify-full"],
  [
    "encryption without verification",
    { url: "postgres://a.example/postgres?sslmode=require" },
    "?sslmode=verify-full",
  ],
];
test.each(failures)("%s throws, with a reason and without a password", async (_, invocation, reason) => {
  const said = await invoke(stage, invocation).then(
    () => "nothing",
    ({ stderr }) => String(stderr),
  );
  expect(said).toContain(reason);
  for (const password of [ADMIN.password, SERVICE_PASSWORD])
    for (const form of [password, encodeURIComponent(password)]) expect(said).not.toContain(form);
});

describe("over TLS", () => {
  const fronts: TlsFront[] = [];
  afterAll(() => {
    for (const front of fronts) front.close();
  });

  /** An instance with a certificate for this host, and an invocation that trusts it, as it trusts Amazon's. */
  async function encrypted(host: string) {
    const front = await startTlsFront(`postgres://127.0.0.1:${stage.port}`, { host });
    fronts.push(front);
    const NODE_EXTRA_CA_CERTS = join(stage.directory, `${host}.pem`);
    await writeFile(NODE_EXTRA_CA_CERTS, front.cert);
    const url = `postgres://localhost:${front.port}/postgres?sslmode=verify-full`;
    return { url, trusting: { url, env: { NODE_EXTRA_CA_CERTS } } };
  }

  test("an instance is refused without a trusted certificate, and accepted with one", async () => {
    const { url, trusting } = await encrypted("localhost");
    await expect(invoke(stage, { url })).rejects.toMatchObject({
      stderr: expect.stringContaining("self-signed certificate"),
    });
    await invoke(stage, trusting);
    expect(await askAs("inventory")).toMatchObject([{ one: 1 }]);
  });

  test("an instance with a valid certificate of another host is refused", async () => {
    const { trusting } = await encrypted("elsewhere.example");
    await expect(invoke(stage, trusting)).rejects.toMatchObject({
      stderr: expect.stringContaining("does not match certificate's altnames"),
    });
  });

  test("the function trusts RDS's authorities, besides Node's own", async () => {
    const code = "console.log(JSON.stringify((await import('node:tls')).getCACertificates('default')))";
    const trusted: string[] = JSON.parse(await invoke(stage, { code }));
    const subjects = (pems: string[]) => pems.map((pem) => new X509Certificate(pem).subject);
    expect(subjects(trusted)).toEqual(expect.arrayContaining(subjects(getCACertificates("bundled"))));
    expect(subjects(trusted).join("\n")).toContain("CN=Amazon RDS us-east-1 Root CA RSA2048 G1");
  });
});
