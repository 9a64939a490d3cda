import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, describe, expect, inject, test } from "vitest";
import { openDatabase, sqlState } from "./database.ts";
import { databaseUrl, STORES } from "./migrate.ts";

const URLS = { inventory: inject("moviesUrl"), billing: inject("ordersUrl") };
const NOUNS = ["inventory", "billing"] as const;

/** Every right that a role has, by name or through PUBLIC, except PostgreSQL's own defaults in its catalogs. */
const RIGHTS = `
  WITH granted AS (
    SELECT 'table ' || c.oid::regclass AS thing, c.relacl AS acl FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'column ' || a.attrelid::regclass || '.' || a.attname, a.attacl FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace
      WHERE nspname !~ '^(pg_|information_schema)'
    UNION ALL SELECT 'database ' || datname, coalesce(datacl, acldefault('d', datdba)) FROM pg_database
      WHERE datname <> 'template0'
    UNION ALL SELECT 'function ' || p.oid::regprocedure, coalesce(p.proacl, acldefault('f', p.proowner)) FROM pg_proc p
      JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname !~ '^(pg_|information_schema)'
      WHERE NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    UNION ALL SELECT 'functions of the extension ' || extname, acldefault('f', extowner) FROM pg_extension
      WHERE extname <> 'plpgsql'
    UNION ALL SELECT 'whatever ' || defaclrole::regrole || ' makes', defaclacl FROM pg_default_acl
    UNION ALL SELECT 'tablespace ' || spcname, spcacl FROM pg_tablespace
    UNION ALL SELECT 'setting ' || parname, paracl FROM pg_parameter_acl
    UNION ALL SELECT 'server ' || srvname, srvacl FROM pg_foreign_server
    UNION ALL SELECT 'large object ' || oid, lomacl FROM pg_largeobject_metadata
  )
  SELECT thing, CASE grantee WHEN 0 THEN 'everybody' ELSE grantee::regrole::text END AS who,
         string_agg(lower(privilege_type) || CASE WHEN is_grantable THEN ' to give' ELSE '' END, ' ' ORDER BY privilege_type) AS may
  FROM granted, aclexplode(acl)
  WHERE grantee = 0 OR grantee::regrole::text IN ('inventory', 'billing')
  GROUP BY 1, 2 ORDER BY 1, 2`;

/** The same on every server that holds both databases. */
const DATABASES = ["database movies: inventory may connect", "database orders: billing may connect"];

test.each([
  {
    noun: "inventory",
    rights: [
      ...DATABASES,
      "function sweep_movie_requests(): inventory may execute",
      "functions of the extension pg_trgm: everybody may execute",
      "schema public: everybody may usage",
      "table counted_events: inventory may delete insert select",
      "table import_chunks: inventory may insert select",
      "table import_slots: inventory may select update",
      "table imports: inventory may delete insert select update",
      "table leases: inventory may select update",
      "table movie_requests: inventory may insert select update",
      "table movies: inventory may delete insert select update",
      "table webhooks: inventory may delete insert select",
    ],
  },
  {
    noun: "billing",
    rights: [
      ...DATABASES,
      "function sweep_rejections(): billing may execute",
      "schema public: everybody may usage",
      "table attempts: billing may delete insert select update",
      "table leases: billing may select update",
      "table orders: billing may insert select",
      "table outbox: billing may delete insert select update",
      "table rejections: billing may insert select",
    ],
  },
] as const)("the rights in $noun's database are these and no other", async ({ noun, rights }) => {
  const admin = postgres(databaseUrl(inject("adminUrl"), STORES[noun].database), { max: 1 });
  const found = await admin.unsafe(RIGHTS);
  await admin.end();
  expect(found.map(({ thing, who, may }) => `${thing}: ${who} may ${may}`)).toEqual(rights);
});

test.each(NOUNS)("the role %s can only log in, is a member of no role and owns nothing", async (role) => {
  const admin = postgres(databaseUrl(inject("adminUrl"), STORES[role].database), { max: 1 });
  const [attributes] = await admin`
    SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = ${role}`;
  const memberships = await admin`SELECT 1 FROM pg_auth_members WHERE ${role}::regrole IN (member, roleid)`;
  const owned = await admin`SELECT 1 FROM pg_shdepend WHERE refobjid = ${role}::regrole AND deptype = 'o'`;
  await admin.end();
  expect(Object.entries(attributes ?? {}).flatMap(([name, has]) => (has ? [name] : []))).toEqual([
    "rolcanlogin",
  ]);
  expect([memberships.length, owned.length]).toEqual([0, 0]);
});

/** Statements that both roles are refused in their own database. */
const REFUSED = [
  "CREATE TABLE loot (id int)",
  "CREATE TEMPORARY TABLE loot (id int)",
  "CREATE TABLE loot AS SELECT 1",
  "CREATE SCHEMA loot",
  "CREATE VIEW loot AS SELECT 1",
  "CREATE MATERIALIZED VIEW loot AS SELECT 1",
  "CREATE SEQUENCE loot",
  "CREATE TYPE loot AS ENUM ('a')",
  "CREATE DOMAIN loot AS text",
  "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'",
  "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
  "CREATE PROCEDURE loot() LANGUAGE plpgsql AS 'BEGIN END'",
  "CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
  "CREATE EVENT TRIGGER loot ON ddl_command_end EXECUTE FUNCTION loot()",
  "CREATE PUBLICATION loot",
  "CREATE FOREIGN DATA WRAPPER loot",
  "CREATE ROLE loot",
  "CREATE DATABASE loot",
  "DROP DATABASE postgres",
  "DROP SCHEMA public",
  "DROP SCHEMA drizzle CASCADE",
  "ALTER SCHEMA public RENAME TO loot",
  "ALTER SYSTEM SET log_statement = 'all'",
  "ALTER DATABASE postgres SET statement_timeout = 0",
  "ALTER ROLE CURRENT_USER SUPERUSER",
  "ALTER ROLE CURRENT_USER CREATEDB",
  "ALTER ROLE CURRENT_USER BYPASSRLS",
  "ALTER ROLE postgres PASSWORD 'loot'",
  "ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT ALL ON TABLES TO PUBLIC",
  "DROP ROLE postgres",
  "GRANT postgres TO CURRENT_USER",
  "GRANT pg_read_all_data TO CURRENT_USER",
  "GRANT pg_execute_server_program TO CURRENT_USER",
  "SET ROLE postgres",
  "SET ROLE pg_read_server_files",
  "SET SESSION AUTHORIZATION postgres",
  "SET session_replication_role = replica",
  "SET log_statement = 'all'",
  "SELECT * FROM pg_authid",
  "SELECT * FROM pg_shadow",
  "SELECT * FROM pg_hba_file_rules",
  "SELECT * FROM pg_file_settings",
  "SELECT * FROM pg_largeobject",
  "SELECT * FROM drizzle.__drizzle_migrations",
  "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('loot', 1)",
  "UPDATE pg_class SET relacl = NULL",
  "UPDATE pg_authid SET rolsuper = true",
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT pg_read_binary_file('/etc/passwd')",
  "SELECT pg_ls_dir('/')",
  "SELECT pg_ls_logdir()",
  "SELECT pg_stat_file('/etc/passwd')",
  "SELECT lo_import('/etc/passwd')",
  "SELECT lo_export(1, '/tmp/loot')",
  "SELECT pg_reload_conf()",
  "SELECT pg_rotate_logfile()",
  "SELECT pg_switch_wal()",
  "SELECT pg_create_restore_point('loot')",
  "SELECT pg_create_physical_replication_slot('loot')",
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
  "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
  "COPY (SELECT 1) TO PROGRAM 'id'",
  "COPY (SELECT 1) TO '/tmp/loot'",
  "CHECKPOINT",
  "LOAD '/tmp/loot'",
];

/** Statements on these tables that go beyond the role's rights. */
function refusedOn(tables: readonly string[]): string[] {
  return tables.flatMap((table) => [
    `ALTER TABLE ${table} ADD COLUMN loot text`,
    `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
    `ALTER TABLE ${table} OWNER TO CURRENT_USER`,
    `CREATE INDEX loot ON ${table} ((1))`,
    `CREATE RULE loot AS ON INSERT TO ${table} DO INSTEAD NOTHING`,
    `CREATE TRIGGER loot BEFORE INSERT ON ${table} EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    `CREATE POLICY loot ON ${table}`,
    `COMMENT ON TABLE ${table} IS 'loot'`,
    `TRUNCATE ${table}`,
    `DROP TABLE ${table}`,
    `COPY ${table} TO PROGRAM 'id'`,
    `COPY ${table} FROM '/etc/passwd'`,
  ]);
}

const LEASES_REFUSED = ["DELETE FROM leases", "INSERT INTO leases VALUES ('loot', '', 0, now())"];

const REFUSED_TO = {
  inventory: [
    ...refusedOn([
      "movies",
      "movie_requests",
      "imports",
      "import_chunks",
      "import_slots",
      "leases",
      "counted_events",
      "webhooks",
    ]),
    ...LEASES_REFUSED,
    ...["movie_requests", "import_chunks", "import_slots"].map((table) => `DELETE FROM ${table}`),
    // The budget of the loaders.
    "INSERT INTO import_slots (slot) VALUES (99)",
    "UPDATE webhooks SET owner = 'loot'",
    "SELECT nextval('movies_id_seq')",
    "SELECT setval('movies_id_seq', 1)",
  ],
  billing: [
    ...refusedOn(["orders", "rejections", "attempts", "outbox", "leases"]),
    ...LEASES_REFUSED,
    // Recorded rows are permanent.
    ...["orders", "rejections"].flatMap((table) => [
      `UPDATE ${table} SET owner = 'loot'`,
      `DELETE FROM ${table}`,
      `SELECT * FROM ${table} FOR UPDATE`,
      `SELECT * FROM ${table} FOR SHARE`,
      `DO 'BEGIN LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; END'`,
      `MERGE INTO ${table} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE`,
    ]),
    "INSERT INTO orders (id, user_id, number_of_items, total_amount) VALUES ('1', 1, 1, 1) ON CONFLICT (id) DO UPDATE SET user_id = 2",
  ],
};

describe.each(NOUNS)("the role %s", (role) => {
  const database = openDatabase({ url: URLS[role], name: "test", connectionsMax: 1 });
  afterAll(() => database.close());
  const attempt = (statement: string) =>
    database
      .run((db) => db.execute(statement))
      .then(
        () => "it may",
        (error: unknown) => sqlState(error) ?? String(error),
      );

  test.each([...REFUSED, ...REFUSED_TO[role]])("is refused: %s", async (statement) => {
    // insufficient_privilege, wrapped as unavailable, since it is a fault of the set-up.
    expect(await attempt(statement)).toBe("42501");
  });

  test.each(["postgres", "template1", role === "inventory" ? "orders" : "movies"])(
    "cannot reach the database %s",
    async (other) => {
      const intruder = openDatabase({ url: databaseUrl(URLS[role], other), name: "test" });
      const error = await intruder.run((db) => db.execute(sql`SELECT 1`)).catch((thrown: unknown) => thrown);
      await intruder.close();
      expect(sqlState(error)).toBe("42501");
    },
  );
});
