import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { USERS } from "@cloud-design/local/stand-ins/cognito/people";
import { accessToken } from "@cloud-design/local/stand-ins/cognito/sign-in";
import * as z from "zod";
import { DOOR_NAMES, urlOf } from "../doors.ts";
import { untilRecorded } from "../evidence.ts";
import type { Fault } from "../fault.ts";
import type { Lab } from "../lab.ts";
import type { Load } from "../load.ts";
import { until } from "../until.ts";

const CRAWLERS = 20;
const DEAF = 10;
/** Shorter than the idle timeout, so that a connection is cut only because it is slow. */
const BYTE_EVERY_MILLISECONDS = 200;
const IDLE = 1_000;
const QUIET_SECONDS = 8;
/** Connections at once; the kernel's queue for a server holds 511. */
const AT_ONCE = 50;
/** Connections of the load come and go meanwhile, so small differences do not count. */
const STRAY = 100;
const BAD_ROUNDS = 4;
/** A user id that the load never uses. */
const UNWANTED_USER = 8;

/** Malicious or broken clients beside those of the load. */
export const EDGE_FAULTS: readonly Fault[] = [
  {
    name: "slow-clients",
    hypothesis:
      "A client that sends byte by byte is cut off with a problem, a client that never reads delays no other client, and all others are served.",
    injection: `${2 * CRAWLERS} connections send headers and bodies byte by byte, ${DEAF} ask for megabytes and never read`,
    promises: ["R7"],
    isFast: false,
    inject: crawl,
  },
  {
    name: "idle-flood",
    hypothesis:
      "Idle connections are cut off, leave no descriptor open, and do not stop other clients from being served.",
    injection: "1,000 connections each to gateway, inventory and billing send nothing",
    promises: ["R7"],
    isFast: false,
    inject: floodWithIdle,
  },
  {
    name: "bad-bodies",
    hypothesis: "Each bad body gets its 4xx and is not queued, and good orders beside them are accepted.",
    injection: "a flood of bodies that are too large, malformed, of wrong types or under a wrong name",
    promises: ["R7"],
    isFast: false,
    inject: floodWithBadBodies,
  },
  {
    name: "spoofed-headers",
    hypothesis: "Only the token decides who is calling: headers that claim an identity change nothing.",
    injection:
      "requests with x-amzn-*, x-user-id and x-forwarded-* of the administrator, with and without a token",
    promises: ["R7"],
    isFast: false,
    inject: spoof,
  },
];

async function crawl(lab: Lab, load: Load): Promise<string> {
  const authorization = `authorization: Bearer ${lab.token}`;
  const movies: string[] = [];
  for (let large = 0; large < 5; large++) movies.push(await createMovie(lab, 200));
  // The readers of the load get only the newest movie.
  movies.push(await createMovie(lab, 1));
  const sockets: Socket[] = [];
  const p99 = await startP99(load);
  try {
    const begun = (count: number, head: string) => openMany(lab.gatewayUrl, count, head, sockets);
    const slowHeaders = await begun(CRAWLERS, "GET /api/movies HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
    const order = `POST /api/billing HTTP/1.1\r\nhost: localhost\r\n${authorization}\r\ncontent-type: application/json`;
    const slowBodies = await begun(CRAWLERS, `${order}\r\ncontent-length: 1000\r\n\r\n`);
    const slow = [...slowHeaders, ...slowBodies].map(collect);
    const get = `GET /api/movies HTTP/1.1\r\nhost: localhost\r\n${authorization}\r\n\r\n`;
    await begun(DEAF, get.repeat(3));
    const held = load.durations.length;
    const { outcome } = await load.order();
    assert.equal(outcome, "acknowledged", "an order was not accepted beside slow clients");
    const drip = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write(" ");
    }, BYTE_EVERY_MILLISECONDS);
    await until("slow clients are cut off", () => slow.every(({ socket }) => socket.closed)).finally(() =>
      clearInterval(drip),
    );
    for (const { answer } of slow) assert.match(answer(), /^HTTP\/1\.1 4\d\d .*application\/problem\+json/s);
    return p99(held);
  } finally {
    for (const socket of sockets) socket.destroy();
    await Promise.all(movies.map((path) => ask(lab, path, { method: "DELETE" })));
  }
}

async function floodWithIdle(lab: Lab, load: Load): Promise<string> {
  const sockets: Socket[] = [];
  const before = DOOR_NAMES.map((door) => descriptors(lab, door));
  const more = () => DOOR_NAMES.map((door, index) => descriptors(lab, door) - (before[index] ?? 0));
  const p99 = await startP99(load);
  let measured = "";
  try {
    for (const [index, door] of DOOR_NAMES.entries()) {
      for (const socket of await openMany(urlOf(lab, door), IDLE, "", sockets)) socket.resume();
      // The first connections may have been cut off already.
      const open = more()[index] ?? 0;
      assert.ok(open > STRAY, `${open} of ${IDLE} connections to ${door} were open`);
    }
    const held = load.durations.length;
    const { outcome } = await load.order();
    assert.equal(outcome, "acknowledged", "an order was not accepted beside idle connections");
    await until("idle connections are cut off", () => sockets.every(({ closed }) => closed));
    measured = p99(held);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  await until("nothing is left of the idle connections", () => more().every((count) => count < STRAY));
  return measured;
}

async function floodWithBadBodies(lab: Lab, load: Load): Promise<void> {
  const order = { user_id: UNWANTED_USER, number_of_items: 1, total_amount: "1.00" };
  const json = (body: unknown) => JSON.stringify(body);
  const bad: [number, string | Buffer, Record<string, string>?][] = [
    [413, Buffer.alloc(11 * 1_024 * 1_024, "x")],
    [413, json({ ...order, padding: "x".repeat(100_000) })],
    [400, ""],
    [400, "{"],
    [400, Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    [400, "[".repeat(50_000)],
    [400, json(null)],
    [400, json([order])],
    [400, json({ ...order, user_id: -1 })],
    [400, json({ ...order, total_amount: 1e300 })],
    [400, json({ ...order, number_of_items: { $gt: 0 } })],
    [400, json({ ...order, owner: "somebody else" })],
    [415, json(order), { "content-type": "text/plain" }],
    [415, json(order), { "content-encoding": "gzip" }],
  ];
  const send = async ([status, body, headers]: (typeof bad)[number]) => {
    const response = await ask(lab, "/api/billing", { method: "POST", body, headers: headers ?? {} });
    assert.equal(response.status, status, `${String(body).slice(0, 40)}: ${await response.text()}`);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
  };
  for (let round = 0; round < BAD_ROUNDS; round++) await Promise.all(bad.map(send));
  await untilRecorded(lab.sql, await load.order());
  const unwanted = await lab.sql`SELECT id FROM orders WHERE user_id = ${UNWANTED_USER}`;
  assert.equal(unwanted.length, 0, "a bad body became an order");
}

async function spoof(lab: Lab): Promise<void> {
  const { sub } = USERS.admin;
  const claims = JSON.stringify({ sub, scope: "movies.admin orders.read orders.write", token_use: "access" });
  const spoofed = {
    ...{
      "x-user-id": sub,
      "x-amzn-oidc-identity": sub,
      "x-amzn-oidc-data": claims,
      "x-amzn-trace-id": "Root=1",
    },
    "x-amzn-requestcontext": claims,
    "x-amzn-apigateway-api-id": "x",
    "x-apigateway-event": claims,
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-user": sub,
    "x-forwarded-host": "internal",
    "x-forwarded-proto": "https",
    forwarded: "for=127.0.0.1",
  };
  for (const door of DOOR_NAMES) {
    const response = await fetch(
      `${urlOf(lab, door)}/api/${door === "billing" ? "billing/orders/x" : "movies"}`,
      {
        headers: spoofed,
      },
    );
    assert.equal(response.status, 401, `${door} believed headers without a token`);
  }
  const admin = await accessToken({ identityUrl: urlOf(lab, "identity"), user: "admin" });
  const all = await ask(lab, "/api/movies", { method: "DELETE", headers: spoofed });
  assert.equal(all.status, 403, "headers gave the scope of an administrator");
  const body = JSON.stringify({ user_id: 1, number_of_items: 1, total_amount: "1.00" });
  const accepted = await ask(lab, "/api/billing", { method: "POST", body, headers: spoofed });
  const { id } = z.object({ id: z.string() }).parse(await accepted.json());
  const path = `/api/billing/orders/${id}`;
  const theirs = await ask(lab, path, {
    headers: { ...spoofed, authorization: `Bearer ${admin.accessToken}` },
  });
  assert.equal(theirs.status, 404, "headers gave an order away");
  await until(
    "the order is its owner's",
    async () => (await ask(lab, path, { headers: spoofed })).status === 200,
  );
}

/**
 * Measures the p99 of requests in some quiet seconds, then while the connections are opened, which costs this process as much time as the
 * measured requests, and then while they are held: from the request with this number on.
 */
async function startP99({ durations }: Load): Promise<(held: number) => string> {
  const begun = durations.length;
  await sleep(QUIET_SECONDS * 1_000);
  const quiet = durations.length;
  const p99 = (some: readonly number[]) =>
    (some.toSorted((a, b) => a - b)[Math.floor(some.length * 0.99)] ?? 0).toFixed(0);
  return (held) => {
    const [before, opening, meanwhile] = [
      durations.slice(begun, quiet),
      durations.slice(quiet, held),
      durations.slice(held),
    ].map(p99);
    return `p99 of all requests ${before} ms before, ${opening} ms while the connections opened, ${meanwhile} ms while they were held`;
  };
}

/** Sends the laboratory's token, unless `headers` contain another one. */
function ask(
  lab: Lab,
  path: string,
  init: { method?: string; body?: string | Buffer; headers?: Record<string, string> },
) {
  const headers = {
    authorization: `Bearer ${lab.token}`,
    "content-type": "application/json",
    ...init.headers,
  };
  return fetch(lab.gatewayUrl + path, { ...init, headers });
}

/** Returns the movie's path. */
async function createMovie(lab: Lab, kilobytes: number): Promise<string> {
  const body = JSON.stringify({ title: "A film", description: "x".repeat(kilobytes * 1_024) });
  const created = await ask(lab, "/api/movies", { method: "POST", body });
  return created.headers.get("location") ?? "";
}

/** Opens connections, sends `head` on each, and adds them to those that must be closed. */
async function openMany(url: string, count: number, head: string, sockets: Socket[]): Promise<Socket[]> {
  const port = Number(new URL(url).port);
  const opened: Socket[] = [];
  while (opened.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - opened.length) }, () =>
      connect({ host: "127.0.0.1", port }).on("error", () => {}),
    );
    sockets.push(...next);
    opened.push(...next);
    await Promise.all(next.map((socket) => once(socket, "connect")));
    for (const socket of next) socket.write(head);
  }
  return opened;
}

function collect(socket: Socket) {
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { socket, answer: () => text };
}

/** How many files and sockets a part has open. */
function descriptors(lab: Lab, part: string): number {
  return readdirSync(`/proc/${lab.pidOf(part)}/fd`).length;
}
