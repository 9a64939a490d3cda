import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { parseJson } from "@cloud-design/core/json";
import { LEDGER_KEY } from "@cloud-design/functions/shared/status-keys";
import { Ledger } from "@cloud-design/functions/status-probe/ledger";
import { stateDirectory } from "@cloud-design/local/servers/state-directory";
import { temporaryDirectory } from "@cloud-design/local/servers/temporary-directory";
import type { UserName } from "@cloud-design/local/stand-ins/cognito/people";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import { askControl } from "@cloud-design/local/supervisor/control";
import { logFileOf } from "@cloud-design/local/supervisor/log-file";
import { type PlatformFile, readPlatform, writePlatform } from "@cloud-design/local/supervisor/platform-file";
import { family, send } from "@cloud-design/local/supervisor/process-table";
import { reclaim } from "@cloud-design/local/supervisor/reclaim";
import postgres from "postgres";
import * as z from "zod";
import { freePorts, type Launched, launch } from "../launch.ts";
import { leaveBySignal } from "../leave.ts";
import { copyServer } from "./copy-server.ts";
import { until } from "./until.ts";

/** Orders that are recorded before the copy is taken. */
const COPIED = 200;
/** Orders that are recorded between the copy and the loss: those of the 5 to 30 minutes that a copy is behind on AWS. */
const TOO_LATE = 20;
/** Orders that wait in the queues when the region is lost. */
const UNDER_WAY = 10;
/** Orders that were never placed before. */
const NEW = 20;

const DATABASES = { movies: "inventory-database", orders: "billing-database" } as const;
const Part = z.object({ url: z.string(), log: z.string() });
const Database = z.object({ adminUrl: z.string() });
const Description = z.object({
  startedAt: z.iso.datetime(),
  ports: z.object({ s3: z.number() }),
  parts: z.object({ gateway: Part, identity: Part, site: Part }),
  databases: z.object({ movies: Database, orders: Database }),
});
const Secrets = z.object({ databaseAdmin: z.string(), orderId: z.string() });
const Answer = z.object({ id: z.string() });
const OrderStatus = z.object({ status: z.string() });
const Check = z.object({
  orders: z
    .object({
      accepted: z.number(),
      recorded: z.number(),
      rejected: z.number(),
      in_flight: z.number().optional(),
      unaccounted: z.number().optional(),
    })
    .optional(),
});
const Line = z.object({ message: z.literal(LOG_MESSAGES.accepted), order_id: z.string() });

interface Placed {
  id: string;
  key: string;
  body: string;
}

/** A whole platform, which stands for a stage in one region. */
interface Region extends AsyncDisposable {
  directory: string;
  description: PlatformFile;
  platform: z.output<typeof Description>;
  sql: Record<keyof typeof DATABASES, postgres.Sql>;
  tokenOf(user: UserName): Promise<string>;
  /** Kills every process and deletes every file. */
  destroy(): Promise<void>;
}

export interface LostRegion {
  issued: number;
  inTheCopy: number;
  notInTheCopy: number;
  recordedAtTheEnd: number;
  /** From the loss until the other platform answers. */
  secondsToReturn: number;
  seconds: number;
}

/**
 * Destroys a platform and makes another one in an empty directory from the copies that prod keeps outside its region: the databases and the key of
 * the order ids. Throws with the first claim of docs/how/lost-region.md that does not hold.
 */
export async function loseRegion(say: (doing: string) => void): Promise<LostRegion> {
  const stack = new AsyncDisposableStack();
  const leave = leaveBySignal(stack);
  const startedAt = performance.now();
  const secondsSince = (moment: number) => (performance.now() - moment) / 1_000;
  try {
    const folder = stack.use(await temporaryDirectory()).path;
    say("starting the region that will be lost");
    const lost = stack.use(await openRegion(join(folder, "lost")));
    const evidence = await serve(lost, join(folder, "copies"), say);
    say("the region is lost");
    const lostAt = performance.now();
    await lost.destroy();
    await restore(evidence, lost.description, join(folder, "restored"));
    say("starting the other region from the copies");
    const restored = stack.use(await openRegion(join(folder, "restored")));
    const secondsToReturn = secondsSince(lostAt);
    say("comparing");
    await compare(restored, evidence);
    say("every client repeats its orders, and new ones come");
    const recordedAtTheEnd = await carryOn(restored, evidence);
    return {
      issued: evidence.copied.length + evidence.missing.length,
      inTheCopy: evidence.copied.length,
      notInTheCopy: evidence.missing.length,
      recordedAtTheEnd,
      secondsToReturn,
      seconds: secondsSince(startedAt),
    };
  } finally {
    await leave();
  }
}

/** The facts at the moment of the loss. */
interface Evidence {
  /** Recorded before the copies were taken. */
  copied: Placed[];
  /** Accepted afterwards. */
  missing: Placed[];
  /** The rows of the copied orders. */
  rows: Record<string, string>;
  copies: Copies;
  /** The gateway's log, which calls each of these orders accepted. */
  journal: string;
  /** When the first order may have been accepted, ISO 8601. */
  since: string;
}

async function serve(lost: Region, copiesTo: string, say: (doing: string) => void): Promise<Evidence> {
  const client = clientOf(lost, await lost.tokenOf("ordinary"));
  say(`${COPIED} orders, then the copies`);
  const copied = await client.place(COPIED);
  await untilRecorded(lost, copied);
  const rows = await rowsOf(lost, copied);
  const copies = await takeCopies(lost, copiesTo);
  say(`${TOO_LATE + UNDER_WAY} orders after the copies`);
  const tooLate = await client.place(TOO_LATE);
  await untilRecorded(lost, tooLate);
  await askControl(lost.directory, "POST", "/parts/billing/stop");
  const missing = [...tooLate, ...(await client.place(UNDER_WAY))];
  const journal = await journalOf(lost, copied.length + missing.length);
  return { copied, missing, rows, copies, journal, since: lost.platform.startedAt };
}

/** The restored rows are those of the copy alone, every issued id is still valid for its owner, and the journal names what the copy lacks. */
async function compare(restored: Region, { copied, missing, rows, journal, since }: Evidence): Promise<void> {
  const issued = [...copied, ...missing];
  assert.deepEqual(await rowsOf(restored, issued), rows, "the copy is not what was recorded before it");
  const absent = await absentFrom(restored, acceptedIn(journal));
  assert.deepEqual(
    absent.toSorted(),
    idsOf(missing).toSorted(),
    "the journal names other orders than are absent",
  );
  const owner = clientOf(restored, await restored.tokenOf("ordinary"));
  for (const { id } of copied) assert.equal(await owner.statusOf(id), "recorded", `${id} is not found`);
  for (const { id } of missing) assert.equal(await owner.statusOf(id), "accepted", `${id} is not valid`);
  const stranger = clientOf(restored, await restored.tokenOf("premium"));
  for (const { id } of issued) assert.equal(await stranger.statusOf(id), 404, `${id} is shown to a stranger`);
  await setLedgerBack(restored, since);
  await untilLedger(restored, ({ unaccounted }) => unaccounted === missing.length);
  const { open } = await ledgerOf(restored);
  assert.deepEqual(Object.keys(open).toSorted(), idsOf(missing).toSorted(), "the ledger names other orders");
}

/** Each client repeats its orders under their keys, and some place new ones. Returns the number of rows, which is that of all orders. */
async function carryOn(restored: Region, { copied, missing, rows }: Evidence): Promise<number> {
  const client = clientOf(restored, await restored.tokenOf("ordinary"));
  const issued = [...copied, ...missing];
  for (const order of issued)
    assert.equal(await client.post(order), order.id, `${order.id} has another id when it is repeated`);
  const all = [...issued, ...(await client.place(NEW))];
  await untilRecorded(restored, all);
  await untilLedger(restored, (orders) => orders.accepted >= all.length && isEven(orders));
  const count = await countOrders(restored);
  assert.equal(count, all.length, "an order has more than one row");
  assert.deepEqual(await rowsOf(restored, copied), rows, "a repeated order changed its row");
  return count;
}

async function openRegion(directory: string): Promise<Region> {
  const launched = await launch(directory, ["--no-seed", ...(await freePorts())], { PROBE_SECONDS: "1" });
  const platform = Description.parse(launched.platform);
  const open = ({ adminUrl }: z.output<typeof Database>) =>
    postgres(adminUrl, { max: 2, onnotice: () => {} });
  const sql = { movies: open(platform.databases.movies), orders: open(platform.databases.orders) };
  let isGone = false;
  const close = () => Promise.all(Object.values(sql).map((pool) => pool.end({ timeout: 1 })));
  return {
    directory,
    description: launched.platform,
    platform,
    sql,
    async tokenOf(user) {
      return (await accessToken({ identityUrl: platform.parts.identity.url, user })).accessToken;
    },
    async destroy() {
      isGone = true;
      await close();
      await kill(directory, launched);
      await reclaim(directory);
      for (const path of [stateDirectory(directory), directory])
        await rm(path, { recursive: true, force: true });
    },
    async [Symbol.asyncDispose]() {
      if (isGone) return;
      await close();
      launched.child.kill("SIGTERM");
      await launched.exited;
    },
  };
}

/** The supervisor first, which would start its parts again; each part leads a process group of its own. */
async function kill(directory: string, { exited }: Launched): Promise<void> {
  const platform = readPlatform(directory);
  assert(platform, "the region has no description");
  const parts = Object.values(platform.parts).flatMap(({ pid }) => (pid === null ? [] : family(pid)));
  for (const pid of [platform.supervisor.pid, ...parts.toReversed()]) send(pid, "SIGKILL");
  await exited;
}

interface Copies {
  /** The folder of the servers' files. */
  servers: string;
  secrets: z.output<typeof Secrets>;
}

/** The copies that prod has outside its region: each server's files as of one moment, and the key of the order ids. */
async function takeCopies({ directory, sql }: Region, to: string): Promise<Copies> {
  for (const [database, server] of Object.entries(DATABASES) as [keyof typeof DATABASES, string][]) {
    await mkdir(join(to, server), { recursive: true });
    await copyServer(sql[database], join(to, server, "data"));
  }
  const secrets = readFileSync(join(stateDirectory(directory), "secrets.json"), "utf8");
  return { servers: to, secrets: Secrets.parse(JSON.parse(secrets)) };
}

/** Every password but the administrator's is new, as in another region. RDS sets that one by its API; here it is in the files of the servers. */
async function restore({ copies, journal }: Evidence, lost: PlatformFile, directory: string): Promise<void> {
  await mkdir(directory);
  // A start takes over no folder with files but that of a stopped platform.
  writePlatform(directory, { ...lost, state: "stopped", parts: {} });
  const state = stateDirectory(directory);
  await mkdir(state, { recursive: true });
  for (const server of Object.values(DATABASES))
    await rename(join(copies.servers, server), join(state, server));
  const anew = () => randomBytes(24).toString("hex");
  const secrets = { ...copies.secrets, inventory: anew(), billing: anew(), rabbitmq: anew() };
  await writeFile(join(state, "secrets.json"), JSON.stringify(secrets), { mode: 0o600 });
  // Not one of the copies: a returning region has it, and so has a restore in place.
  const log = logFileOf(directory, "gateway");
  await mkdir(dirname(log), { recursive: true });
  await writeFile(log, journal);
}

function clientOf({ platform }: Region, token: string) {
  const gatewayUrl = platform.parts.gateway.url;
  const authorization = `Bearer ${token}`;
  /** The id of an order that is placed, or repeated under its key. */
  async function post({ key, body }: Omit<Placed, "id">): Promise<string> {
    const headers = { authorization, "content-type": "application/json", "idempotency-key": key };
    const response = await fetch(`${gatewayUrl}/api/billing`, { method: "POST", headers, body });
    const text = await response.text();
    if (response.status === 429) {
      // The route's throttle: a second lets many more through.
      await sleep(1_000);
      return post({ key, body });
    }
    assert.equal(response.status, 200, `an order was answered by ${response.status}: ${text}`);
    return Answer.parse(JSON.parse(text)).id;
  }
  return {
    post,
    async place(count: number): Promise<Placed[]> {
      const placed: Placed[] = [];
      for (let number = 1; number <= count; number++) {
        const body = JSON.stringify({ user_id: number, number_of_items: 1, total_amount: `${number}.50` });
        const order = { key: randomUUID(), body };
        placed.push({ ...order, id: await post(order) });
      }
      return placed;
    },
    /** The word for the order, or the HTTP status of a refusal. */
    async statusOf(id: string): Promise<string | number> {
      const response = await fetch(`${gatewayUrl}/api/billing/orders/${id}`, { headers: { authorization } });
      const answer: unknown = await response.json();
      return response.ok ? OrderStatus.parse(answer).status : response.status;
    },
  };
}

/** The gateway's log, once it calls this many orders accepted. */
async function journalOf({ platform }: Region, count: number): Promise<string> {
  const read = () => readFileSync(platform.parts.gateway.log, "utf8");
  await until("the gateway's log names every accepted order", () => acceptedIn(read()).length === count);
  return read();
}

function acceptedIn(journal: string): string[] {
  return journal.split("\n").flatMap((line) => Line.safeParse(parseJson(line)).data?.order_id ?? []);
}

function idsOf(orders: readonly Placed[]): string[] {
  return orders.map(({ id }) => id);
}

/** A digest of each row, by id. */
async function rowsOf({ sql }: Region, orders: readonly Placed[]): Promise<Record<string, string>> {
  const rows = await sql.orders<{ id: string; content: string }[]>`
    SELECT id, md5(o::text) AS content FROM orders o WHERE id = ANY(${idsOf(orders)})`;
  return Object.fromEntries(rows.map(({ id, content }) => [id, content]));
}

/** The query of docs/runbook.md for what a restored database lacks. */
async function absentFrom({ sql }: Region, accepted: readonly string[]): Promise<string[]> {
  const rows = await sql.orders<{ id: string }[]>`
    SELECT id FROM unnest(${[...accepted]}::text[]) AS accepted (id)
    EXCEPT (SELECT id FROM orders UNION SELECT order_id FROM rejections)`;
  return rows.map(({ id }) => id);
}

async function countOrders({ sql }: Region): Promise<number> {
  const [{ count }] = await sql.orders<[{ count: number }]>`SELECT count(*)::int FROM orders`;
  return count;
}

function untilRecorded(region: Region, orders: readonly Placed[]): Promise<void> {
  return until(
    "the orders are recorded",
    async () => Object.keys(await rowsOf(region, orders)).length === orders.length,
  );
}

/** The commands of docs/deploy.md for the ledger of a restored database. Afterwards the stand-in for CloudWatch reads its file from the beginning. */
async function setLedgerBack(region: Region, since: string): Promise<void> {
  await untilLedger(region, ({ accepted }) => accepted === 0);
  const change = (part: string, verb: string) =>
    askControl(region.directory, "POST", `/parts/${part}/${verb}`);
  await change("status-probe", "stop");
  const ledger = { ...(await ledgerOf(region)), readFrom: Date.parse(since), seen: {} };
  const headers = { "content-type": "application/json" };
  await fetch(ledgerUrl(region), { method: "PUT", headers, body: JSON.stringify(ledger) });
  await change("site", "restart");
  await change("status-probe", "start");
}

async function ledgerOf(region: Region): Promise<Ledger> {
  return Ledger.parse(await (await fetch(ledgerUrl(region))).json());
}

function ledgerUrl({ platform }: Region): string {
  return `http://127.0.0.1:${platform.ports.s3}/site/${LEDGER_KEY}`;
}

type Orders = NonNullable<z.output<typeof Check>["orders"]>;

/** Waits for a check of the status probe that says so. */
function untilLedger({ platform }: Region, holds: (orders: Orders) => boolean): Promise<void> {
  let last: unknown;
  return until("the ledger is even", async () => {
    const response = await fetch(`${platform.parts.site.url}/status/status.json`);
    const { data } = Check.safeParse(response.ok ? await response.json() : undefined);
    last = data?.orders;
    return data?.orders !== undefined && holds(data.orders);
  }).catch((error: Error) => {
    throw new Error(`${error.message}; the last check said ${JSON.stringify(last)}`);
  });
}

function isEven({ accepted, recorded, rejected, in_flight, unaccounted }: Orders): boolean {
  return in_flight === 0 && unaccounted === 0 && accepted === recorded + rejected;
}
