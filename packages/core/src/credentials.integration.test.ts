import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { BILLING_DEAD_LETTERS, declareTopology } from "./billing/index.ts";
import { createPublisher, keepConnected } from "./broker/index.ts";
import { type Database, openDatabase } from "./database.ts";
import { credentialsFrom } from "./secrets.ts";
import { type SecretsManagerStandIn, startSecretsManager } from "./testing/secrets-manager.ts";

const PASSWORD = "only-for-tests";
/** Characters that a URL would have to encode, and one outside ASCII. */
const NEW_PASSWORD = "n:e@w/%41 pässword?#";
let secretsManager: SecretsManagerStandIn;
let arn: string;
let count = 0;

beforeAll(async () => {
  secretsManager = await startSecretsManager();
  Object.assign(process.env, secretsManager.env);
});
afterAll(() => secretsManager.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:test-${count++}`;
});
afterEach(() => {
  vi.useRealTimers();
});

function store(username: string, password: string): void {
  secretsManager.values.set(arn, JSON.stringify({ username, password }));
}

/** Secrets are cached for one second. */
function forgetSecrets(): void {
  vi.setSystemTime(Date.now() + 2_000);
}

describe("the password of a database", () => {
  const admin = postgres(inject("adminUrl"), { max: 2, onnotice: () => {} });
  const { host } = new URL(inject("moviesUrl"));
  let database: Database;
  const whoAmI = () => database.run((db) => db.execute(sql`SELECT current_user AS name`));

  beforeEach(() => {
    store("inventory", PASSWORD);
    database = openDatabase({
      url: `postgres://${host}/movies`,
      credentials: credentialsFrom(arn),
      name: "rotating",
      connectionsMax: 2,
    });
  });
  afterEach(async () => {
    await admin.unsafe(`ALTER ROLE inventory PASSWORD '${PASSWORD}'`);
    await database.close();
  });
  afterAll(() => admin.end());

  async function rotate(): Promise<void> {
    await admin.unsafe(`ALTER ROLE inventory PASSWORD '${NEW_PASSWORD}'`);
    store("inventory", NEW_PASSWORD);
    forgetSecrets();
  }

  test("comes from the secret, and the user with it", async () => {
    expect(await whoAmI()).toMatchObject([{ name: "inventory" }]);
  });

  test("may change and its sessions end under a running pool: later queries work without a restart", async () => {
    await whoAmI();
    await rotate();
    await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rotating'`;
    // Until the pool has noticed that its connection is gone, a query on it fails as for any stopped server.
    await expect.poll(() => whoAmI().catch(() => [])).toMatchObject([{ name: "inventory" }]);
    expect(await database.isUp()).toBe(true);
  });

  test("may change while a query runs: the query still succeeds", async () => {
    await using lock = await holdLock();
    const running = database.run((db) => db.execute(sql`SELECT pg_advisory_lock_shared(7) AS locked`));
    await expect.poll(() => admin`SELECT 1 FROM pg_locks WHERE NOT granted`).toHaveLength(1);
    await rotate();
    expect(await whoAmI()).toMatchObject([{ name: "inventory" }]);
    await lock.release();
    await expect(running).resolves.toHaveLength(1);
  });

  test("may change in the secret before the role: a service that signs in meanwhile waits for the role", async () => {
    store("inventory", NEW_PASSWORD);
    const waiting = whoAmI();
    await expect.poll(() => secretsManager.requests.filter((asked) => asked === arn)).not.toHaveLength(0);
    await admin.unsafe(`ALTER ROLE inventory PASSWORD '${NEW_PASSWORD}'`);
    expect(await waiting).toMatchObject([{ name: "inventory" }]);
  });

  test("that the database refuses gives unavailable until the secret is right", async () => {
    store("inventory", "wrong");
    await expect(whoAmI()).rejects.toMatchObject({ code: "unavailable" });
    expect(await database.isUp()).toBe(false);
    store("inventory", PASSWORD);
    forgetSecrets();
    expect(await database.isUp()).toBe(true);
    expect(await whoAmI()).toMatchObject([{ name: "inventory" }]);
  });

  test("that cannot be read gives unavailable until Secrets Manager answers", async () => {
    secretsManager.isFailing = true;
    await expect(whoAmI()).rejects.toMatchObject({
      code: "unavailable",
      cause: { message: expect.stringContaining(arn) },
    });
    secretsManager.isFailing = false;
    forgetSecrets();
    expect(await whoAmI()).toMatchObject([{ name: "inventory" }]);
  });

  /** Takes the lock in another session, so that the next session waits for it. Locks belong to a database. */
  async function holdLock() {
    const holder = postgres(inject("adminUrl").replace(/postgres$/, "movies"), {
      max: 1,
      onnotice: () => {},
    });
    await holder`SELECT pg_advisory_lock(7)`;
    const release = () => holder.end();
    return { release, [Symbol.asyncDispose]: release };
  }
});

describe("the password of the broker", () => {
  const { host } = new URL(inject("amqpUrl"));
  const url = `amqp://${host}`;
  const user = "rotating";

  async function rabbitmqctl(...args: string[]): Promise<void> {
    const { file, env } = inject("rabbitmqctl");
    await promisify(execFile)(file, args, { env });
  }

  beforeAll(async () => {
    await rabbitmqctl("add_user", user, PASSWORD);
    await rabbitmqctl("set_permissions", user, ".*", ".*", ".*");
  });
  afterAll(() => rabbitmqctl("delete_user", user));
  beforeEach(async () => {
    await rabbitmqctl("change_password", user, PASSWORD);
    store(user, PASSWORD);
  });

  async function rotate(): Promise<void> {
    await rabbitmqctl("change_password", user, NEW_PASSWORD);
    store(user, NEW_PASSWORD);
    forgetSecrets();
    await rabbitmqctl("close_all_user_connections", user, "rotation");
  }

  test("may change under a publisher, which then signs in with the new password", async () => {
    const publisher = createPublisher(url, {
      name: "test",
      credentials: credentialsFrom(arn),
      setup: declareTopology,
    });
    const publish = () =>
      publisher.publish("", BILLING_DEAD_LETTERS, Buffer.from("{}"), { messageId: "rotation" });
    await publish();
    await rotate();
    await expect.poll(publish).toBeUndefined();
    await publisher.close();
  });

  test("may change under a consumer, which then signs in with the new password", async () => {
    let sessions = 0;
    const kept = keepConnected(url, {
      name: "test",
      credentials: credentialsFrom(arn),
      setup: async () => {
        sessions++;
      },
      onFailure: () => {},
    });
    await expect.poll(() => sessions).toBe(1);
    await rotate();
    await expect.poll(() => sessions).toBe(2);
    await kept.close();
  });

  test("that cannot be read delays a consumer, which connects once it can be read", async () => {
    secretsManager.isFailing = true;
    const failures: unknown[] = [];
    const { promise: connected, resolve } = Promise.withResolvers<void>();
    const kept = keepConnected(url, {
      name: "test",
      credentials: credentialsFrom(arn),
      setup: async () => resolve(),
      onFailure: (reason) => failures.push(reason),
    });
    await expect.poll(() => failures).not.toEqual([]);
    expect(String(failures[0])).toContain(arn);
    secretsManager.isFailing = false;
    forgetSecrets();
    await connected;
    await kept.close();
  });
});
