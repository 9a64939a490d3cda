import { setTimeout as sleep } from "node:timers/promises";
import { mintOrderId, toWire } from "@cloud-design/core/billing";
import { BILLING_QUEUE, declareTopology, orderProperties } from "@cloud-design/core/billing/queue";
import { readyIn } from "@cloud-design/core/broker";
import { connect } from "amqplib";
import { keepPace } from "../pace.ts";
import { type Figure, figureOf } from "./figure.ts";
import { ask } from "./requests.ts";
import { spreadOf, turned } from "./rounds.ts";
import type { Running, Shop } from "./shop.ts";

const BACKLOG = 20_000;
const RECORD_ROUNDS = 5;
const ACCEPT_ROUNDS = 3;
const ACCEPT_SECONDS = 5;
const PACE = { perSecond: 50, seconds: 20 };
/** Users of the bench; the orders that a table was filled with have others. */
const USER = 2_000_000_000;
const ORDER = { userId: USER, numberOfItems: 5, totalAmount: "180.00" };
const POLL_MS = 10;

/** Fills the table with orders of other users. */
export async function fillOrders({ orders: sql }: Shop, count: number): Promise<void> {
  await sql`TRUNCATE orders`;
  await sql`
    INSERT INTO orders (id, user_id, number_of_items, total_amount, owner, accepted_at)
    SELECT 'ord_' || translate(encode(sha256(number::text::bytea), 'base64'), '+/=', '-_'),
      1 + number % 100000, 1 + number % 50, number % 1000, 'bench', now()
    FROM generate_series(1, ${count}::int) AS number`;
  await sql`VACUUM ANALYZE orders`;
}

/** How many orders a second come from a full queue into the table, by billing and by a bare consumer. */
export async function measureRecording(shop: Shop, say: (doing: string) => void): Promise<Figure> {
  await shop.ops("stop", "billing");
  const page = await lastPage(shop.orders);
  const consumers = {
    // Every trace is kept: that costs the most.
    ours: () => shop.service("billing", { OTEL_TRACES_SAMPLER_ARG: "1" }),
    bare: () => shop.bare("bare-consumer", { DATABASE_URL: shop.ordersUrl, AMQP_URL: shop.brokerUrl }),
  };
  const drained: Record<keyof typeof consumers, Drained[]> = { ours: [], bare: [] };
  for (let round = 0; round < RECORD_ROUNDS; round++) {
    for (const name of turned(["ours", "bare"] as const, round)) {
      say(`round ${round + 1} of ${RECORD_ROUNDS}, ${name}`);
      await publishBacklog(shop.brokerUrl);
      drained[name].push(await drain(shop, page, consumers[name]));
      await shop.orders`DELETE FROM orders WHERE ctid >= ${page}::tid AND user_id = ${USER}`;
      await shop.orders`VACUUM orders`;
    }
  }
  await shop.ops("start", "billing");
  const rates = (name: keyof typeof consumers) => drained[name].map(({ perSecond }) => perSecond);
  const cpu = spreadOf(drained.ours.map(({ processorMs }) => processorMs)).median;
  return figureOf(
    {
      name: `orders recorded from a backlog of ${BACKLOG.toLocaleString("en")}`,
      unit: "/s",
      target: { ratio: 0.6 },
      also: `CPU ${cpu.toFixed(3)} ms`,
    },
    { ours: rates("ours"), bare: rates("bare") },
  );
}

async function publishBacklog(brokerUrl: string): Promise<void> {
  const connection = await connect(brokerUrl);
  const channel = await connection.createConfirmChannel();
  await declareTopology(channel);
  const content = Buffer.from(JSON.stringify(toWire(ORDER)));
  const issued = { secret: "of orders that only the bench places", owner: "bench" };
  for (let number = 0; number < BACKLOG; number++) {
    const id = mintOrderId(ORDER, issued);
    const traceId = number.toString(16).padStart(32, "1");
    const properties = orderProperties({
      id,
      owner: issued.owner,
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      acceptedAt: new Date().toISOString(),
      publishedAt: new Date().toISOString(),
    });
    channel.publish("", BILLING_QUEUE, content, properties);
  }
  await channel.waitForConfirms();
  if ((await readyIn(channel, BILLING_QUEUE)) !== BACKLOG) throw new Error("The queue held other messages.");
  await connection.close();
}

interface Drained {
  perSecond: number;
  /** The consumer's processor time for each order. */
  processorMs: number;
}

/** From the first order in the table to the last, without the start of the process. The backlog outlasts the start. */
async function drain({ orders: sql }: Shop, page: string, start: () => Promise<Running>): Promise<Drained> {
  const count = async () => {
    const [row] = await sql<{ count: number }[]>`
      SELECT count(*)::int AS count FROM orders WHERE ctid >= ${page}::tid AND user_id = ${USER}`;
    return { count: row?.count ?? 0, at: performance.now() };
  };
  let consumer: Running | undefined;
  let failure: unknown;
  const starting = start().then(
    (running) => {
      consumer = running;
    },
    (error: unknown) => {
      failure = error;
    },
  );
  let [first, now] = [await count(), await count()];
  /** From here on the consumer's processor time is known. */
  let seen: { count: number; processorMs: number } | undefined;
  while (now.count < BACKLOG) {
    const ended = consumer?.lastWords();
    if (ended !== undefined) throw new Error(`The consumer ended before it had drained the queue:\n${ended}`);
    if (failure !== undefined) throw failure;
    await sleep(POLL_MS);
    now = await count();
    if (first.count === 0) first = now;
    if (consumer) seen ??= { count: now.count, processorMs: consumer.processorMs() };
  }
  const processorMs = consumer?.processorMs() ?? Number.NaN;
  await starting;
  await consumer?.[Symbol.asyncDispose]();
  return {
    perSecond: ((now.count - first.count) / (now.at - first.at)) * 1_000,
    processorMs: (processorMs - (seen?.processorMs ?? Number.NaN)) / (now.count - (seen?.count ?? 0)),
  };
}

/** The orders of the bench are stored from here on, so that counting them does not read the others, whose pages are full. */
async function lastPage(sql: Shop["orders"]): Promise<string> {
  await sql`VACUUM ANALYZE orders`;
  const [row] = await sql<{ page: string }[]>`
    SELECT format('(%s,0)', greatest(relpages - 1, 0)) AS page FROM pg_class WHERE oid = 'orders'::regclass`;
  return row?.page ?? "(0,0)";
}

/** Orders through the gateway's port: how many a second, how slow the slowest, and how soon each is recorded. */
export async function measureOrders(shop: Shop, say: (doing: string) => void): Promise<Figure[]> {
  const headers = { authorization: `Bearer ${await shop.token()}`, "content-type": "application/json" };
  const body = JSON.stringify(toWire(ORDER));
  const place = (clients: number, seconds: number) =>
    ask({ url: shop.gatewayUrl, method: "POST", paths: ["/api/billing"], headers, body, clients, seconds });
  say("POST order, warming up");
  await place(16, 2);
  const answered = [];
  for (let round = 0; round < ACCEPT_ROUNDS; round++) {
    say(`POST order, round ${round + 1} of ${ACCEPT_ROUNDS}`);
    answered.push(await place(16, ACCEPT_SECONDS));
    await untilQuiet(shop);
  }
  const p99 = answered.map((one) => one.p99);
  const delays = await measureDelays(shop, { headers, body }, say);
  return [
    figureOf(
      { name: "POST order on the laptop, 16 clients", unit: "/s", target: { atLeast: 1_000 } },
      { ours: answered.map(({ perSecond }) => perSecond) },
    ),
    figureOf({ name: "the same, p99", unit: "ms", target: { atMost: 60 } }, { ours: p99 }),
    figureOf(
      {
        name: "accepted to recorded at 50 orders a second, p99",
        unit: "ms",
        target: { atMost: 30 },
        also: `median ${spreadOf(delays.map((one) => one.p50)).median.toFixed(1)} ms`,
      },
      { ours: delays.map((one) => one.p99) },
    ),
  ];
}

async function measureDelays(
  shop: Shop,
  request: { headers: Record<string, string>; body: string },
  say: (doing: string) => void,
): Promise<{ p50: number; p99: number }[]> {
  const delays = [];
  for (let round = 0; round < ACCEPT_ROUNDS; round++) {
    say(`accepted to recorded, round ${round + 1} of ${ACCEPT_ROUNDS}`);
    await shop.orders`DELETE FROM orders WHERE user_id = ${USER}`;
    const pace = keepPace(PACE.perSecond, async () => {
      const response = await fetch(`${shop.gatewayUrl}/api/billing`, { method: "POST", ...request });
      if (!response.ok) throw new Error(`The gateway answered ${response.status} ${await response.text()}`);
      await response.body?.cancel();
    });
    await sleep(PACE.seconds * 1_000);
    await pace.stop();
    await untilQuiet(shop);
    const [row] = await shop.orders<{ p50: number; p99: number }[]>`
      SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY delay) AS p50,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY delay) AS p99
      FROM (SELECT extract(epoch FROM recorded_at - accepted_at)::float8 * 1000 AS delay
        FROM orders WHERE user_id = ${USER}) AS delays`;
    if (row) delays.push({ p50: row.p50, p99: row.p99 });
  }
  return delays;
}

/** Resolves once no more orders arrive in the table. */
async function untilQuiet({ orders: sql }: Shop): Promise<void> {
  let before = -1;
  for (;;) {
    const [row] = await sql<{ count: number }[]>`SELECT count(*)::int AS count FROM orders`;
    if (row?.count === before) return;
    before = row?.count ?? 0;
    await sleep(1_000);
  }
}
