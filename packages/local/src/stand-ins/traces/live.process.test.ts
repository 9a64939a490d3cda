import type { Snapshot } from "@cloud-design/traces/store/snapshot";
import { NOON, orderWay, spanOf } from "@cloud-design/traces/testing/spans";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Seeded, startSeeded } from "./testing/seeded.ts";

let telemetry: Seeded;
beforeEach(async () => {
  telemetry = await startSeeded();
});
afterEach(() => telemetry[Symbol.asyncDispose]());

const live = async () => (await (await fetch(`${telemetry.url}/live`)).json()) as Snapshot;

function request(status: number, { startMs = NOON, ms = 10 } = {}) {
  const attributes = { "http.response.status_code": status };
  return spanOf({
    service: "gateway",
    name: "GET /api/movies",
    kind: "server",
    startMs,
    endMs: startMs + ms,
    attributes,
  });
}

describe("rates", () => {
  test("are the mean of the last ten whole seconds, with errors counted separately", async () => {
    // The clock stands at ten seconds past noon.
    telemetry.add(Array.from({ length: 30 }, () => request(200)));
    telemetry.add([request(500, { startMs: NOON + 3_000 }), request(404, { startMs: NOON + 3_000 })]);
    telemetry.add([request(200, { startMs: NOON - 5_000 }), request(200, { startMs: NOON + 10_200 })]);
    const { gateway } = (await live()).flows;
    expect(gateway).toMatchObject({ perSecond: 3.2, failedPerSecond: 0.1 });
  });

  test("have percentiles and a curve of the last minute", async () => {
    telemetry.add(Array.from({ length: 98 }, () => request(200, { startMs: NOON - 40_000 })));
    telemetry.add([
      request(200, { ms: 900 }),
      request(200, { ms: 900 }),
      request(200, { startMs: NOON - 80_000, ms: 5_000 }),
    ]);
    const { gateway } = (await live()).flows;
    expect([gateway.p50, gateway.p99, gateway.seconds.length]).toEqual([10, 900, 60]);
    expect(gateway.seconds.filter((count) => count > 0)).toEqual([98, 2]);
  });

  test("are empty without traffic", async () => {
    expect((await live()).flows.inventory).toMatchObject({ perSecond: 0, p50: null, p99: null });
  });

  test("count an order at each hop, and its outcome", async () => {
    telemetry.add(orderWay("ord_1").accept().handOver().process("recorded").spans);
    telemetry.add(orderWay("ord_2").accept().handOver({ failure: "closed" }).spans);
    const { flows } = await live();
    expect(flows["send orders"].perSecond).toBe(0.2);
    expect(flows["send billing_queue"]).toMatchObject({ perSecond: 0.2, failedPerSecond: 0.1 });
    expect([flows.recorded.perSecond, flows.rejected.perSecond]).toEqual([0.1, 0]);
  });

  test("are not lost among made-up names", async () => {
    const made = (number: number) => spanOf({ service: `s${number}`, name: "GET", kind: "server" });
    telemetry.add(Array.from({ length: 1_000 }, (_, number) => made(number)));
    telemetry.add([request(200)]);
    expect((await live()).flows.gateway.perSecond).toBe(0.1);
  });
});

describe("a queue", () => {
  test("has the depth that it reports itself, and the age of its oldest order that was not taken", async () => {
    telemetry.add(orderWay("ord_1", { startMs: NOON }).accept().handOver().process("recorded").spans);
    telemetry.add(
      orderWay("ord_2", { startMs: NOON + 1_000 })
        .accept()
        .handOver().spans,
    );
    telemetry.add(
      orderWay("ord_3", { startMs: NOON + 2_000 })
        .accept()
        .handOver({ failure: "closed" }).spans,
    );
    telemetry.depths = { orders: 1, billing: 1, ordersDead: 0, billingDead: null };
    const { queues } = await live();
    expect(queues.orders).toMatchObject({ depth: 1, oldestMs: NOON + 2_011 });
    expect(queues.billing).toMatchObject({ depth: 1, oldestMs: NOON + 1_016 });
    expect(queues.billingDead).toMatchObject({ depth: null, oldestMs: null });
  });

  test("that was empty forgets an order whose later spans were lost", async () => {
    telemetry.add(orderWay("ord_1").accept().spans);
    expect((await live()).queues.orders.oldestMs).toBeNull();
    telemetry.add(orderWay("ord_2", { startMs: NOON + 7_000 }).accept().spans);
    telemetry.depths = { ...telemetry.depths, orders: 1 };
    expect((await live()).queues.orders.oldestMs).toBe(NOON + 7_011);
  });

  test("lists an order once its beginning is known, and one without a beginning soon after", async () => {
    const late = orderWay("ord_1", { startMs: NOON + 9_500 })
      .accept()
      .handOver()
      .process("recorded").spans;
    telemetry.add(late.slice(2));
    telemetry.add(orderWay("ext_1", { startMs: NOON + 5_000 }).process("recorded").spans);
    expect((await live()).orders.map(({ id }) => id)).toEqual(["ext_1"]);
    telemetry.add(late);
    expect((await live()).orders).toMatchObject(
      [{ id: "ext_1" }, { id: "ord_1", orderedAtMs: NOON + 9_500 }].toReversed(),
    );
  });

  test("holds a replayed order from its replay on", async () => {
    telemetry.add(
      orderWay("ord_1").accept().handOver().process("rejected").wait(5_000).replay("ann", "mended").spans,
    );
    telemetry.depths = { orders: 0, billing: 1, ordersDead: 0, billingDead: 0 };
    const { queues, orders } = await live();
    expect(queues.billing.oldestMs).toBe(NOON + 5_026);
    expect(orders).toMatchObject([{ id: "ord_1", isReplayed: true, outcome: { state: "waiting" } }]);
    telemetry.add(orderWay("ord_2").accept().handOver().process("rejected").drop("ann", "told").spans);
    expect((await live()).orders).toMatchObject([{ id: "ord_2", isReplayed: false }, { id: "ord_1" }]);
  });
});

test("the time to a row is measured from the order's first hop", async () => {
  telemetry.add(orderWay("ord_1").accept().wait(989).handOver().process("recorded").spans);
  expect((await live()).timeToRecorded).toEqual({ p50: 1_008, p99: 1_008 });
});

test("the last orders stand first, with their outcome", async () => {
  telemetry.add(orderWay("ord_1").accept().handOver().process("recorded").spans);
  telemetry.add(orderWay("ord_2").accept().handOver().process("rejected", { message: "no order" }).spans);
  telemetry.add(orderWay("ord_3").accept().spans);
  expect((await live()).orders).toMatchObject([
    { id: "ord_3", outcome: { state: "waiting", text: "waits in SQS orders" } },
    { id: "ord_2", outcome: { state: "rejected", reason: "no order" } },
    { id: "ord_1", outcome: { state: "recorded" }, orderedAtMs: NOON },
  ]);
});
