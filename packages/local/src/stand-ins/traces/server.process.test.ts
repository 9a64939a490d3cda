import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { DatabaseSync } from "node:sqlite";
import type { Span } from "@cloud-design/traces/store/span";
import { NOON, orderWay, spanOf } from "@cloud-design/traces/testing/spans";
import type { Timeline } from "@cloud-design/traces/timeline/timeline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Seeded, startSeeded } from "./testing/seeded.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const ORDER = "ord_9WtV6uvHFyn4nHx0DZD2Pcmvk8nCyxJVHpd3SpZF";

let telemetry: Seeded;
beforeEach(async () => {
  telemetry = await startSeeded();
});
afterEach(() => telemetry[Symbol.asyncDispose]());

interface Answer {
  spans: Span[];
  orders: string[];
  timeline: Timeline;
}

const nano = (ms: number) => `${ms}000000`;

/** An export as OpenTelemetry's exporter writes it in JSON. */
function exportOf(...spans: object[]) {
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "billing" } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "cloud-design" }, spans }] }] };
}

const SPAN = {
  traceId: TRACE,
  spanId: "00f067aa0ba902b7",
  parentSpanId: "53995c3f42cd8ad8",
  name: "process billing_queue",
  kind: 5,
  startTimeUnixNano: nano(NOON),
  endTimeUnixNano: nano(NOON + 12),
  attributes: [
    { key: "order.id", value: { stringValue: ORDER } },
    { key: "order.outcome", value: { stringValue: "recorded" } },
    { key: "order.batch_size", value: { intValue: 3 } },
    { key: "messaging.rabbitmq.redelivered", value: { boolValue: true } },
    { key: "list", value: { arrayValue: { values: [] } } },
  ],
  events: [{ name: "waits for a dependency", timeUnixNano: nano(NOON + 2), attributes: [] }],
  links: [{ traceId: TRACE.toUpperCase(), spanId: "53995c3f42cd8ad8", attributes: [] }],
  status: { code: 2, message: "refused" },
};

const send = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${telemetry.url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const ask = async (path: string) => (await (await fetch(telemetry.url + path)).json()) as Answer;
const count = async () => (await fetch(`${telemetry.url}/health`)).json();

describe("an export", () => {
  test("is kept as it was sent, and found by its trace and by its order", async () => {
    const answer = await send(exportOf(SPAN));
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
    const kept = {
      traceId: TRACE,
      spanId: SPAN.spanId,
      parentId: SPAN.parentSpanId,
      service: "billing",
      kind: "consumer",
      name: SPAN.name,
      startMs: NOON,
      endMs: NOON + 12,
      attributes: {
        "order.id": ORDER,
        "order.outcome": "recorded",
        "order.batch_size": 3,
        "messaging.rabbitmq.redelivered": true,
      },
      events: [{ name: "waits for a dependency", atMs: NOON + 2, attributes: {} }],
      links: [{ traceId: TRACE, spanId: "53995c3f42cd8ad8" }],
      isError: true,
      message: "refused",
    };
    expect((await ask(`/traces/${TRACE}`)).spans).toEqual([kept]);
    expect((await ask(`/traces?order=${ORDER}`)).spans).toEqual([kept]);
  });

  test("that is sent twice is kept once", async () => {
    for (let time = 0; time < 2; time++) await send(exportOf(SPAN));
    expect(await count()).toEqual({ spans: 1 });
  });

  test("with attributes over the limit is cut", async () => {
    const value = { stringValue: "x".repeat(5_000) };
    const attributes = Array.from({ length: 500 }, (_, number) => ({ key: `key ${number}`, value }));
    expect((await send(exportOf({ ...SPAN, attributes, name: "n".repeat(5_000) }))).status).toBe(200);
    const [span] = (await ask(`/traces/${TRACE}`)).spans;
    expect(Object.keys(span?.attributes ?? {})).toHaveLength(64);
    expect([span?.name.length, String(span?.attributes["key 0"]).length]).toEqual([1_000, 1_000]);
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["a text", '"spans"'],
    ["an id that is too short", exportOf({ ...SPAN, traceId: "4bf9" })],
    ["an id that is not text", exportOf({ ...SPAN, spanId: { $ne: 1 } })],
    ["a time that is not a number", exportOf({ ...SPAN, startTimeUnixNano: "yesterday" })],
    ["a kind that does not exist", exportOf({ ...SPAN, kind: 12 })],
    ["a good span beside a bad one", exportOf(SPAN, { ...SPAN, spanId: "" })],
    ["10,000 levels of nesting", `${'{"resourceSpans":['.repeat(10_000)}`],
  ])("of %s is refused, and what was kept stays", async (_, body) => {
    telemetry.add([spanOf({ service: "gateway", name: "GET", kind: "server" })]);
    expect((await send(body)).status).toBe(400);
    expect(await count()).toEqual({ spans: 1 });
  });

  test("of more than 10 MB is refused", async () => {
    expect((await send(exportOf({ ...SPAN, name: "n".repeat(11_000_000) }))).status).toBe(413);
    expect(await count()).toEqual({ spans: 0 });
  });

  test("from a page of another site, which can send only text without a preflight, is refused", async () => {
    expect((await send(exportOf(SPAN), { "content-type": "text/plain" })).status).toBe(415);
  });

  test("that breaks off does not affect the next one", async () => {
    const { port } = new URL(telemetry.url);
    const socket = connect({ host: "127.0.0.1", port: Number(port) });
    socket.end(
      'POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"res',
    );
    await new Promise((closed) => socket.resume().once("close", closed));
    expect(await count()).toEqual({ spans: 0 });
  });
});

describe("a question", () => {
  test.each([
    ["GET", "/v1/traces", 405],
    ["POST", "/traces", 405],
    ["DELETE", `/traces/${TRACE}`, 405],
    ["GET", "/", 404],
    ["GET", "/traces", 404],
    ["GET", "/traces/xyz", 404],
    ["GET", `/traces/${TRACE}`, 404],
    ["GET", `/traces?order=${ORDER}`, 404],
  ])("%s %s is answered with a problem", async (method, path, status) => {
    const answer = await fetch(telemetry.url + path, { method });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  });

  test("about an order finds it in all its traces, with what was done below its spans and nothing of its neighbours", async () => {
    const [own, other] = [orderWay(ORDER, { traceId: TRACE }), orderWay("ord_other", { traceId: TRACE })];
    own.accept().handOver().process("recorded");
    other.accept();
    const again = orderWay(ORDER, { startMs: NOON + 5_000 }).accept();
    const inDatabase = spanOf({
      service: "billing",
      name: "database",
      kind: "client",
      traceId: TRACE,
      parentId: own.spans.at(-1)?.spanId ?? "",
    });
    telemetry.add([...own.spans, ...other.spans, ...again.spans, inDatabase]);
    const { timeline } = await ask(`/traces?order=${ORDER}`);
    expect(timeline.traceIds).toEqual([TRACE, again.spans[0]?.traceId]);
    const words = timeline.hops.map(({ what }) => what);
    expect(words).toContain("asks the database");
    expect(words.filter((word) => word === "hands it to SQS")).toHaveLength(2);
  });

  test("about a trace with several orders names them, and shows the hops of no single one", async () => {
    const orders = ["ord_a", "ord_b"];
    for (const id of orders) telemetry.add(orderWay(id, { traceId: TRACE }).accept().spans);
    const answer = await ask(`/traces/${TRACE.toUpperCase()}`);
    expect([answer.orders, answer.timeline.orderId]).toEqual([orders, null]);
  });

  test("about an order's outcome adds no hop, and does not invent an order for a made-up id", async () => {
    const attributes = { "order.id": "ord_made-up", "http.request.method": "GET" };
    telemetry.add([
      spanOf({ service: "gateway", name: "GET /api/billing/orders/:id", kind: "server", attributes }),
    ]);
    expect(await ask("/traces?order=ord_made-up")).toMatchObject({ status: 404 });
    expect((await ask("/live")).orders).toEqual([]);
  });
});

test("reports when its file is damaged while it runs", async () => {
  telemetry.add(orderWay(ORDER).accept().spans);
  const other = new DatabaseSync(telemetry.file);
  other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  other.close();
  await writeFile(telemetry.file, "no database at all, but long enough to be read".repeat(1_000));
  const { status } = await fetch(`${telemetry.url}/live`);
  expect(status).toBe(500);
  expect(telemetry.damage).toHaveLength(1);
});
