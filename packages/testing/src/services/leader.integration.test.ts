import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LEASE_SECONDS } from "@cloud-design/core/leader";
import { openTcpProxy } from "@cloud-design/lab/chaos/tcp-proxy";
import { sourceOf } from "@cloud-design/local/platform/bundle";
import { billingPart } from "@cloud-design/local/platform/service-parts";
import { freePort } from "@cloud-design/local/servers/free-port";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import { killHard, started } from "@cloud-design/local/servers/testing";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";

const PROCESSES = 3;
const CLOCK = join(import.meta.dirname, "../e2e/set-clock.ts");
const HOUR_MS = 3_600_000;
/** A machine without a free processor delays a process by so much at most. */
const BUSY_SECONDS = 10;
const EVENTUALLY = { timeout: 60_000, interval: 50 };

const admin = postgres(inject("ordersUrl").replace(/\/\/.*@/, "//postgres:only-for-tests@"), {
  max: 2,
  onnotice: () => {},
});
const resources = new AsyncDisposableStack();
const clocks = new Map<string, string>();
const running = new Map<string, Awaited<ReturnType<typeof started>>>();
let directory: string;
let proxy: Awaited<ReturnType<typeof openTcpProxy>>;

/** The database notes by its own clock who asks for the lead, who has it until when, and who deletes. */
const WITNESS = `
  CREATE TABLE witness (
    at timestamptz NOT NULL DEFAULT clock_timestamp(), asked_at timestamptz NOT NULL DEFAULT now(),
    who text NOT NULL DEFAULT current_setting('application_name'),
    did text NOT NULL, epoch int, expires_at timestamptz, deleted int);
  CREATE FUNCTION witness_ask() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO witness (did) VALUES (CASE WHEN current_query() ~ 'FROM held|USING held' THEN 'steps' ELSE 'asks' END);
    RETURN NULL;
  END $$;
  CREATE FUNCTION witness_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO witness (did, epoch, expires_at) VALUES ('holds', NEW.epoch, NEW.expires_at);
    RETURN NULL;
  END $$;
  CREATE FUNCTION witness_deletion() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    INSERT INTO witness (did, deleted) SELECT 'deletes', count(*) FROM gone HAVING count(*) > 0;
    PERFORM pg_sleep(0.1);
    RETURN NULL;
  END $$;
  CREATE TRIGGER witness_ask BEFORE UPDATE ON leases FOR EACH STATEMENT EXECUTE FUNCTION witness_ask();
  CREATE TRIGGER witness_hold AFTER UPDATE ON leases FOR EACH ROW EXECUTE FUNCTION witness_hold();
  CREATE TRIGGER witness_rejections AFTER DELETE ON rejections REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION witness_deletion();
  CREATE TRIGGER witness_attempts AFTER DELETE ON attempts REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION witness_deletion()`;

interface Note {
  at: number;
  askedAt: number;
  who: string;
  did: "asks" | "holds" | "steps" | "deletes";
  epoch: number;
  expiresAt: number;
  deleted: number;
}

/** In seconds of the database's clock. */
const notes = () => admin<Note[]>`
  SELECT extract(epoch FROM at)::float8 AS at, extract(epoch FROM asked_at)::float8 AS "askedAt", who, did, epoch,
         extract(epoch FROM expires_at)::float8 AS "expiresAt", deleted
  FROM witness ORDER BY at`;
const since = async (time: number) => (await notes()).filter(({ at }) => at > time);
const holds = async (time = 0) => (await since(time)).filter(({ did }) => did === "holds");
const now = async () => (await admin`SELECT extract(epoch FROM clock_timestamp())::float8 AS now`)[0]?.now;

/** The present leader: nothing happens to it within a second or more. */
async function leader(): Promise<Note> {
  let last: Note | undefined;
  await expect
    .poll(async () => {
      last = (await holds()).at(-1);
      return (last?.expiresAt ?? 0) > (await now()) + 1;
    }, EVENTUALLY)
    .toBe(true);
  return last as Note;
}

async function successorOf({ epoch }: Note): Promise<Note> {
  const taking = async () => (await holds()).find((note) => note.epoch > epoch);
  await expect.poll(taking, EVENTUALLY).toBeDefined();
  return (await taking()) as Note;
}

/** Resolves once each process has asked again, and has had the answer. */
async function untilAllHaveAsked(): Promise<void> {
  const start = await now();
  const silent = async () => {
    const asks = (await since(start)).filter(({ did }) => did === "asks");
    return [...running.keys()].filter((name) => asks.filter(({ who }) => who === name).length < 2);
  };
  await expect.poll(silent, EVENTUALLY).toEqual([]);
}

const processOf = ({ who }: Note) => running.get(who) as Awaited<ReturnType<typeof started>>;
const setClock = (name: string, offset: number) => writeFileSync(clocks.get(name) ?? "", String(offset));
const rejectLongAgo = (prefix: string, count: number) => admin`
  INSERT INTO rejections (order_id, reason, rejected_at)
  SELECT ${prefix} || n, 'No.', now() - interval '91 days' FROM generate_series(1, ${count}::int) n`;
const attemptLongAgo = () => admin`
  INSERT INTO attempts (message_key, started_at) VALUES ('old', now() - interval '2 days')`;

let names = 0;
/** A process of billing, with a wall clock that can be set, and the database behind a network that can be cut. */
async function startBilling(): Promise<void> {
  const name = `billing-${++names}`;
  const clock = join(directory, `${name}.clock`);
  clocks.set(name, clock);
  setClock(name, 0);
  const part = billingPart({
    name,
    port: await freePort(),
    databaseUrl: `${inject("ordersUrl").replace(/:\d+\//, `:${proxy.port}/`)}?application_name=${name}`,
    amqpUrl: inject("amqpUrl"),
    siteUrl: "https://docs.example",
    identityUrl: "http://127.0.0.1:1",
    env: { CLOCK_FILE: clock },
  });
  const command = () => {
    const { args, ...rest } = part.command();
    return { ...rest, args: ["--import", CLOCK, ...args.map(sourceOf)] };
  };
  running.set(name, resources.use(await started({ ...part, command }, directory)));
}

async function replace(note: Note): Promise<void> {
  running.delete(note.who);
  await startBilling();
}

beforeAll(async () => {
  directory = resources.use(await temporaryDirectory()).path;
  proxy = resources.use(await openTcpProxy(Number(new URL(inject("ordersUrl")).port)));
  await admin.unsafe(WITNESS);
  for (let started = 0; started < PROCESSES; started++) await startBilling();
});

afterEach(async () => {
  const all = await holds();
  for (const [place, next] of all.entries()) {
    const previous = all[place - 1];
    if (previous === undefined || previous.epoch === next.epoch) continue;
    expect(next.epoch, "each taking has the next epoch").toBe(previous.epoch + 1);
    expect(next.askedAt, "no process leads before the former lease is over").toBeGreaterThanOrEqual(
      previous.expiresAt,
    );
  }
  const leaders = new Set(all.map(({ epoch, who }) => `${epoch} ${who}`));
  expect(leaders.size, "an epoch has one leader").toBe(new Set(all.map(({ epoch }) => epoch)).size);
});

afterAll(async () => {
  await resources.disposeAsync();
  await admin.unsafe(`
    DROP TABLE witness; TRUNCATE rejections, attempts;
    DROP FUNCTION witness_ask, witness_hold, witness_deletion CASCADE`);
  await admin.end();
});

test("one of three processes leads, and keeps the lead while its clock is set on by an hour and another's back", async () => {
  const first = await leader();
  const other = [...running.keys()].find((name) => name !== first.who) ?? "";
  setClock(first.who, HOUR_MS);
  setClock(other, -HOUR_MS);
  const start = await now();
  // Longer than a lease.
  await expect.poll(async () => (await holds(start)).length, EVENTUALLY).toBeGreaterThanOrEqual(4);
  await untilAllHaveAsked();
  expect(await leader()).toMatchObject({ who: first.who, epoch: first.epoch });
});

test("a leader that is asked to end gives up the lead, so that its successor need not wait", async () => {
  const last = await leader();
  process.kill(processOf(last).pid, "SIGTERM");
  expect(await processOf(last).exited).toEqual({ code: 0, signal: null });
  const next = await successorOf(last);
  expect(next.who).not.toBe(last.who);
  expect(next.askedAt).toBeLessThan(
    (await holds()).findLast(({ epoch, expiresAt }) => epoch === last.epoch && Number.isFinite(expiresAt))
      ?.expiresAt ?? 0,
  );
  await replace(last);
});

test("two seconds after the lease of a killed leader another process leads", async () => {
  const last = await leader();
  await killHard(processOf(last));
  const killedAt = await now();
  const next = await successorOf(last);
  expect(next.who).not.toBe(last.who);
  expect(next.at - killedAt).toBeLessThan(LEASE_SECONDS + 2 + BUSY_SECONDS);
  console.log(`a killed leader: ${(next.at - killedAt).toFixed(1)} s without one`);
  await replace(last);
});

test("a leader that was frozen in a sweep for longer than its lease changes nothing when it continues", async () => {
  await rejectLongAgo("a", 30_000);
  const former = await leader();
  process.kill(processOf(former).pid, "SIGTERM");
  const frozen = await successorOf(former);
  const deletes = async (note: Note) =>
    (await since(note.at)).filter(({ did, who }) => did === "deletes" && who === note.who);
  await expect.poll(() => deletes(frozen), EVENTUALLY).not.toEqual([]);
  process.kill(processOf(frozen).pid, "SIGSTOP");
  try {
    const next = await successorOf(frozen);
    const left = async () => (await admin`SELECT FROM rejections`).length;
    await expect.poll(left, EVENTUALLY).toBe(0);
    // Its sweep is over when it asks again; the next one is an hour away.
    const emptyAt = await now();
    const asks = async () =>
      (await since(emptyAt)).filter(({ did, who }) => did === "asks" && who === next.who);
    await expect.poll(asks, EVENTUALLY).not.toEqual([]);
    await Promise.all([rejectLongAgo("b", 500), attemptLongAgo()]);
    const thawedAt = await now();
    process.kill(processOf(frozen).pid, "SIGCONT");
    const didSince = async () =>
      new Set((await since(thawedAt)).flatMap(({ did, who }) => (who === frozen.who ? [did] : [])));
    // It goes on with its sweep, and then it asks who leads.
    await expect.poll(didSince, EVENTUALLY).toEqual(new Set(["steps", "asks"]));
    expect(await left()).toBe(500);
    expect(await admin`SELECT FROM attempts`).toHaveLength(1);
    expect(await leader()).toMatchObject({ who: next.who, epoch: next.epoch });
  } finally {
    process.kill(processOf(frozen).pid, "SIGCONT");
  }
  await replace(former);
});

test("when the database was away for 20 s, one process leads within 5 s", async () => {
  await leader();
  await proxy.suffer({ kind: "cut" });
  await sleep(20_000);
  const back = await now();
  await proxy.suffer({ kind: "none" });
  await expect.poll(() => holds(back), EVENTUALLY).not.toEqual([]);
  const [next] = await holds(back);
  expect((next?.at ?? 0) - back).toBeLessThan(5 + BUSY_SECONDS);
  console.log(`a database away: one leader ${((next?.at ?? 0) - back).toFixed(1)} s after its return`);
  await untilAllHaveAsked();
  expect(new Set((await holds(back)).map(({ who }) => who)).size).toBe(1);
});
