import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, it, vi } from "vitest";
import * as z from "zod";
import { call, idOf, ops, platform, SOON, stopped } from "./client.ts";
import { orderRow, ordersDatabase, untilRecorded } from "./stores.ts";

const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentId: z.string().optional(),
  service: z.string(),
  name: z.string(),
  startMs: z.number(),
  attributes: z.record(z.string(), z.unknown()),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })),
  isError: z.boolean(),
});
type Span = z.output<typeof Span>;

const HOPS = ["POST /api/billing", "send orders", "send billing_queue", "process billing_queue"];
const ORDER = { user_id: "3", number_of_items: "5", total_amount: "180" };

/** All spans of an order, once the trace has so many spans of the last of these names. */
async function spansOf(orderId: string, name: string, times = 1): Promise<Span[]> {
  const url = new URL(`/traces?order=${orderId}`, platform.parts.telemetry?.url);
  return vi.waitFor(async () => {
    const { spans } = z.object({ spans: z.array(Span) }).parse(await (await fetch(url)).json());
    expect(spans.filter((span) => span.name === name && !span.isError).length).toBeGreaterThanOrEqual(times);
    return spans.toSorted((a, b) => a.startMs - b.startMs);
  }, SOON);
}

/** All spans of a recorded order: each process sends its own after a delay. */
async function wholeWayOf(orderId: string): Promise<Span[]> {
  for (const hop of HOPS) await spansOf(orderId, hop);
  return spansOf(orderId, "process billing_queue");
}

/** From a span up to the root of its trace. */
function ancestry(spans: readonly Span[], span: Span): Span[] {
  const parent = spans.find(({ spanId, traceId }) => spanId === span.parentId && traceId === span.traceId);
  return parent ? [...ancestry(spans, parent), span] : [span];
}

function lastOf(spans: readonly Span[], name: string): Span {
  const found = spans.findLast((span) => span.name === name && !span.isError);
  if (!found) throw new Error(`No span ${name} among ${spans.map((span) => span.name).join(", ")}`);
  return found;
}

async function place(headers: Record<string, string> = {}, body = ORDER): Promise<string> {
  return idOf(await call("POST", "/api/billing", { body, headers }));
}

it("an order is one trace: the caller's, through every hop, into its row", async () => {
  const caller = { traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex") };
  const id = await place({ traceparent: `00-${caller.traceId}-${caller.spanId}-00` });
  await untilRecorded(id);
  const spans = await wholeWayOf(id);
  const way = ancestry(spans, lastOf(spans, "process billing_queue"));
  expect(way.map(({ name }) => name)).toEqual(HOPS);
  expect(way.map(({ service }) => service)).toEqual(["gateway", "gateway", "order-bridge", "billing"]);
  expect(way[0]?.parentId).toBe(caller.spanId);
  expect(new Set(way.map(({ traceId }) => traceId))).toEqual(new Set([caller.traceId]));
  expect(way.at(-1)?.attributes).toMatchObject({ "order.id": id, "order.outcome": "recorded" });
  expect((await orderRow(id))?.traceparent).toBe(`00-${caller.traceId}-${way[2]?.spanId}-01`);
});

it("and stays one while RabbitMQ is away: each attempt is a hop of it, and the last one continues", async () => {
  await using rabbitmq = await stopped("rabbitmq");
  const id = await place();
  const failed = await vi.waitFor(async () => {
    const spans = await spansOf(id, "send orders");
    const attempts = spans.filter(({ name, isError }) => name === "send billing_queue" && isError);
    expect(attempts.length).toBeGreaterThan(0);
    return attempts;
  }, SOON);
  await rabbitmq.start();
  await untilRecorded(id);
  const spans = await wholeWayOf(id);
  const way = ancestry(spans, lastOf(spans, "process billing_queue"));
  expect(way.map(({ name }) => name)).toEqual(HOPS);
  expect(Number(way[2]?.attributes["order.receives"])).toBeGreaterThan(1);
  // They have the same parent as the successful one.
  for (const attempt of failed) expect(attempt.parentId).toBe(way[1]?.spanId);
});

it("and while it waits in billing_queue and RabbitMQ restarts", async () => {
  await using billing = await stopped("billing");
  const id = await place();
  await spansOf(id, "send billing_queue");
  await ops("restart", "rabbitmq");
  await billing.start();
  await untilRecorded(id);
  const spans = await wholeWayOf(id);
  expect(ancestry(spans, lastOf(spans, "process billing_queue")).map(({ name }) => name)).toEqual(HOPS);
});

it("and after a replay from the dead letters: linked to the operator's own trace", async () => {
  const headers = { "idempotency-key": randomUUID() };
  const first = await place(headers);
  await untilRecorded(first);
  const id = await place(headers, { ...ORDER, number_of_items: "6" });
  await vi.waitFor(async () => {
    expect((await call("GET", `/api/billing/orders/${id}`)).json).toMatchObject({ status: "rejected" });
  }, SOON);
  await ordersDatabase`DELETE FROM orders WHERE id = ${first}`;
  const replay = ["ops", "dlq", "replay", id, "--queue", "billing", "--why", "its key is free again"];
  await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, "../../../cli/src/cli.ts"), ...replay],
    {
      env: { ...process.env, CLOUD_DESIGN_LOCAL: inject("local") },
    },
  );
  await untilRecorded(id);
  const spans = await wholeWayOf(id);
  const way = ancestry(spans, lastOf(spans, "process billing_queue"));
  expect(way.map(({ name }) => name)).toEqual([
    ...HOPS.slice(0, 3),
    "replay billing_dead_letters",
    "process billing_queue",
  ]);
  const rejected = spans.find(({ name, isError }) => name === "process billing_queue" && isError);
  expect(rejected).toMatchObject({ traceId: way[0]?.traceId, attributes: { "order.outcome": "rejected" } });
  const [operator] = way[3]?.links ?? [];
  expect(operator?.traceId).toMatch(/^[\da-f]{32}$/);
  expect(operator?.traceId).not.toBe(way[0]?.traceId);
});

it("the API is unaffected while the collector is away, and later spans are collected again", async () => {
  await using telemetry = await stopped("telemetry");
  const unseen = await place();
  await untilRecorded(unseen);
  await telemetry.start();
  const id = await place();
  await untilRecorded(id);
  // Each process reconnects by itself.
  const spans = await wholeWayOf(id);
  expect(ancestry(spans, lastOf(spans, "process billing_queue")).map(({ name }) => name)).toEqual(HOPS);
});
