import { NOON, orderWay, spanOf } from "@cloud-design/traces/testing/spans";
import { logTimeline } from "@cloud-design/traces/timeline/from-logs";
import { orderTimeline, requestTimeline } from "@cloud-design/traces/timeline/from-spans";
import type { Timeline } from "@cloud-design/traces/timeline/timeline";
import { describe, expect, test } from "vitest";
import { render } from "./render.ts";
import { parseSubject } from "./subject.ts";

const ORDER = "ord_9WtV6uvHFyn4nHx0DZD2Pcmvk8nCyxJVHpd3SpZF";

/** Hops as a sentence for a person. */
const told = ({ hops }: Timeline) =>
  hops.map(({ where, what, attempts, endMs }) =>
    [where, what, ...(attempts > 1 ? [`× ${attempts}`] : []), ...(endMs === null ? ["until now"] : [])].join(
      " ",
    ),
  );
const timelineOf = (way: ReturnType<typeof orderWay>) => orderTimeline(ORDER, way.spans);

describe("the timeline of an order", () => {
  test("has a hop for each step, and a wait between two of them", () => {
    const way = timelineOf(orderWay(ORDER).accept().wait(5).handOver().wait(3).process("recorded"));
    expect(told(way)).toEqual([
      "gateway POST /api/billing: 200",
      "gateway hands it to SQS",
      "SQS orders waits",
      "order-bridge hands it to RabbitMQ",
      "RabbitMQ billing_queue waits",
      "billing records it",
    ]);
    expect(way.outcome).toMatchObject({ state: "recorded", atMs: NOON + 30 });
  });

  test("counts failed attempts as one hop, and waits in SQS meanwhile", () => {
    const way = orderWay(ORDER).accept();
    for (let receives = 1; receives <= 3; receives++)
      way.handOver({ receives, failure: "connection closed" }).wait(2_000);
    const timeline = timelineOf(way);
    expect(told(timeline).slice(2)).toEqual([
      "SQS orders waits until now",
      "order-bridge cannot hand it to RabbitMQ × 3",
    ]);
    expect(timeline.outcome).toMatchObject({
      state: "waiting",
      text: "waits in SQS orders",
      atMs: NOON + 11,
    });
    expect(told(timelineOf(way.handOver({ receives: 4 }))).slice(2)).toEqual([
      "SQS orders waits",
      "order-bridge cannot hand it to RabbitMQ × 3",
      "order-bridge hands it to RabbitMQ",
      "RabbitMQ billing_queue waits until now",
    ]);
  });

  test("no longer waits for an operator once one has dropped it", () => {
    const way = orderWay(ORDER).accept().handOver().process("rejected", { message: "no such film" });
    const timeline = timelineOf(way.wait(60_000).drop("ann", "told its owner"));
    expect(told(timeline).slice(-2)).toEqual([
      "billing_dead_letters waits for an operator",
      "operator drops it",
    ]);
    expect(timeline.hops.at(-1)?.notes).toEqual(["by ann: told its owner"]);
    expect(timeline.outcome).toMatchObject({ state: "rejected", reason: "no such film" });
  });

  test("goes through the dead letters and, after a replay, to its row", () => {
    const way = orderWay(ORDER).accept().handOver().process("rejected", { message: "no such film" });
    expect(timelineOf(way).outcome).toMatchObject({ state: "rejected", reason: "no such film" });
    way.wait(60_000).replay("ann", "the film is there now");
    expect(timelineOf(way).outcome).toMatchObject({
      state: "waiting",
      text: "waits in RabbitMQ billing_queue",
    });
    const timeline = timelineOf(way.wait(4).process("recorded"));
    expect(told(timeline).slice(-5)).toEqual([
      "billing rejects it",
      "billing_dead_letters waits for an operator",
      "operator replays it",
      "RabbitMQ billing_queue waits",
      "billing records it",
    ]);
    expect(timeline.hops.at(-3)?.notes).toEqual([
      "by ann: the film is there now",
      `its run: trace ${"f".repeat(32)}`,
    ]);
    expect(timeline.outcome.state).toBe("recorded");
  });

  test("that was delivered twice is recorded, once", () => {
    const way = orderWay(ORDER).accept().handOver().process("recorded").process("repeated");
    expect(told(timelineOf(way)).at(-1)).toBe("billing finds it recorded");
    expect(timelineOf(way).outcome).toMatchObject({ state: "recorded", atMs: NOON + 22 });
  });

  test("that was given back waits as before", () => {
    const attributes = { "order.outcome": "given back" };
    const way = orderWay(ORDER).accept().handOver().process("recorded", { attributes });
    expect(timelineOf(way).outcome).toMatchObject({
      text: "waits in RabbitMQ billing_queue",
      state: "waiting",
    });
  });

  test("says how often billing waited for its database, and why", () => {
    const wait = {
      name: "waits for a dependency",
      atMs: NOON,
      attributes: { "exception.message": "ECONNREFUSED" },
    };
    const way = orderWay(ORDER)
      .accept()
      .handOver()
      .process("recorded", { events: [wait, wait] });
    expect(timelineOf(way).hops.at(-1)?.notes).toEqual(["waited for a dependency 2 times: ECONNREFUSED"]);
  });

  test("whose confirm was lost has left SQS all the same", () => {
    const way = orderWay(ORDER).accept().handOver({ failure: "not confirmed in 8 s" }).process("recorded");
    expect(told(timelineOf(way)).some((hop) => hop.endsWith("until now"))).toBe(false);
  });

  test("that SQS did not take was not accepted", () => {
    const failed = {
      isError: true,
      message: "Orders cannot be accepted right now.",
      attributes: { "order.id": ORDER },
    };
    const span = spanOf({ service: "gateway", name: "send orders", kind: "producer", ...failed });
    expect(orderTimeline(ORDER, [span]).outcome).toMatchObject({ state: "failed", text: "not accepted" });
  });

  test("ends even if spans are each other's parents", () => {
    const [one, other] = ["a".repeat(16), "b".repeat(16)];
    const span = { service: "x", name: "x", kind: "internal", traceId: "c".repeat(32) } as const;
    const circle = [
      spanOf({ ...span, spanId: one, parentId: other }),
      spanOf({ ...span, spanId: other, parentId: one }),
    ];
    expect(orderTimeline(ORDER, circle).hops).toEqual([]);
  });
});

test("a request without an order is answered or has failed", () => {
  const read = { service: "gateway", name: "GET /api/movies", kind: "server" } as const;
  expect(requestTimeline("t", [spanOf(read)]).outcome).toMatchObject({ state: "answered" });
  const failed = { ...read, isError: true, message: "HTTP 503" };
  expect(requestTimeline("t", [spanOf(failed)]).outcome).toMatchObject({
    state: "failed",
    reason: "HTTP 503",
  });
});

test("a request has the result that its caller got, even if its first attempt began in the same millisecond and failed", () => {
  const attempt = spanOf({ service: "gateway", name: "GET inventory", kind: "client", isError: true });
  const answer = spanOf({ service: "gateway", name: "GET /api/movies", kind: "server", endMs: NOON + 9 });
  expect(requestTimeline("t", [attempt, answer]).outcome).toMatchObject({
    state: "answered",
    atMs: NOON + 9,
  });
});

describe("the logs", () => {
  const line = (second: number, service: string, message: string, fields: object = {}) =>
    JSON.stringify({
      level: "info",
      time: new Date(NOON + second * 1_000).toISOString(),
      service,
      message,
      order_id: ORDER,
      trace_id: "f".repeat(32),
      ...fields,
    });
  const LINES = [
    line(0, "gateway", "order accepted"),
    line(4, "order-bridge", "order handed over", { receives: 3 }),
    line(5, "billing", "order rejected", { reason: "no such film" }),
    line(60, "dead-letters", "dead letter changed", {
      action: "replay",
      queue: "billing",
      by: "ann",
      why: "it is there",
    }),
    line(61, "billing", "order recorded", { outcome: "recorded", seconds: 61 }),
  ];

  test("name the queues of the order's lane", () => {
    const lines = [
      line(0, "gateway", "order accepted", { order_id: ORDER, lane: "priority" }),
      line(1, "order-bridge", "order handed over", { order_id: ORDER }),
    ];
    expect(told(logTimeline(ORDER, lines))).toEqual([
      "gateway hands it to SQS",
      "SQS orders-priority waits",
      "order-bridge hands it to RabbitMQ",
      "RabbitMQ billing_queue.priority waits until now",
    ]);
  });

  test("give the same timeline, whatever other lines they contain", () => {
    const others = ["no JSON", "[1]", "{}", line(2, "gateway", "order accepted", { order_id: "ord_other" })];
    const timeline = logTimeline(ORDER, [...others, ...LINES.toReversed()]);
    expect(told(timeline)).toEqual([
      "gateway hands it to SQS",
      "SQS orders waits",
      "order-bridge hands it to RabbitMQ",
      "RabbitMQ billing_queue waits",
      "billing rejects it",
      "billing_dead_letters waits for an operator",
      "operator replays it",
      "RabbitMQ billing_queue waits",
      "billing records it",
    ]);
    expect(timeline).toMatchObject({ traceIds: ["f".repeat(32)], outcome: { state: "recorded" } });
  });

  test("know a dead letter that was dropped", () => {
    const dropped = line(70, "dead-letters", "dead letter changed", {
      action: "drop",
      queue: "billing",
      by: "ann",
    });
    expect(told(logTimeline(ORDER, [...LINES.slice(0, 3), dropped])).at(-1)).toBe("operator drops it");
  });
});

describe("on a terminal", () => {
  const look = { nowMs: NOON + 60_000, isColoured: false };

  test("columns are aligned, and each hop has its bar", () => {
    const way = orderWay(ORDER, { traceId: "a".repeat(32) })
      .accept()
      .wait(479)
      .handOver({ receives: 2 })
      .process("recorded");
    expect(render(timelineOf(way), look).split("\n")).toEqual([
      `order    ${ORDER}`,
      `trace    ${"a".repeat(32)}`,
      "ordered  2026-11-26 12:00:00.000 UTC",
      "outcome  recorded after 501 ms",
      "",
      "  START    TOOK  WHERE         WHAT",
      "+0.0 ms   12 ms  gateway       POST /api/billing: 200  ▋",
      "+3.0 ms  8.0 ms  gateway       hands it to SQS         ▌",
      " +11 ms  479 ms  SQS orders    waits                   ░░░░░░░░░░░░░░░░░░░░░░░░░░░",
      "+490 ms  5.0 ms  order-bridge  hands it to RabbitMQ                               ▎",
      "                               received 2 times",
      "+495 ms  6.0 ms  billing       records it                                         ▍",
    ]);
  });

  test("a hop that only a log line mentions has no duration", () => {
    const line = {
      time: "2026-11-26T12:00:00.000Z",
      service: "gateway",
      message: "order accepted",
      order_id: ORDER,
    };
    expect(render(logTimeline(ORDER, [JSON.stringify(line)]), look)).toMatch(
      /– {2}gateway {5}hands it to SQS/,
    );
  });

  test("a waiting order is shown with the place and the time", () => {
    const words = render(timelineOf(orderWay(ORDER).accept()), look);
    expect(words).toContain("waits in SQS orders since 2026-11-26 12:00:00.011 UTC, for 1 min 0 s");
    expect(words).toMatch(/until now {2}SQS orders/);
  });

  test("text from a message cannot move the cursor", () => {
    const way = orderWay(ORDER).accept().handOver().process("rejected", { message: "\u001b[2Jgone" });
    expect(render(timelineOf(way), look)).not.toContain("\u001b");
  });

  test("colours appear only on a terminal with colours", () => {
    expect(render(timelineOf(orderWay(ORDER).accept()), { ...look, isColoured: true })).toContain("\u001b[");
  });
});

test.each([
  [ORDER, { orderId: ORDER }],
  ["4BF92F3577B34DA6A3CE929D0E0E4736", { traceId: "4bf92f3577b34da6a3ce929d0e0e4736" }],
  [
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    { traceId: "4bf92f3577b34da6a3ce929d0e0e4736" },
  ],
])("%s is understood", (given, subject) => {
  expect(parseSubject(given)).toEqual(subject);
});

test.each([undefined, "", "two words", `x" or "1" = "1`, "ord_ü", "x".repeat(5_000)])(
  "%j is answered with how to ask",
  (given) => {
    expect(() => parseSubject(given)).toThrow(/^Name an order, a trace id, /);
  },
);
