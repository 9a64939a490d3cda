import { randomBytes } from "node:crypto";
import type { Attributes, Span } from "../store/span.ts";

/** Noon, UTC. */
export const NOON = Date.UTC(2026, 10, 26, 12);

const id = (bytes: number) => randomBytes(bytes).toString("hex");

/** A span as the services send it, with the given fields. */
export function spanOf(given: Partial<Span> & Pick<Span, "service" | "name" | "kind">): Span {
  const startMs = given.startMs ?? NOON;
  return {
    traceId: id(16),
    spanId: id(8),
    startMs,
    endMs: startMs + 1,
    attributes: {},
    events: [],
    links: [],
    isError: false,
    ...given,
  };
}

/** The hops of one order, added one after the other, each after a pause; all in one trace. */
export function orderWay(orderId: string, { startMs = NOON, traceId = id(16) } = {}) {
  const spans: Span[] = [];
  let nowMs = startMs;
  let parentId: string | undefined;
  const hop = (
    kind: Span["kind"],
    service: string,
    name: string,
    ms: number,
    { attributes = {}, ...more }: Partial<Span> & { attributes?: Attributes } = {},
  ) => {
    const span = spanOf({
      ...{ traceId, parentId, kind, service, name, startMs: nowMs, endMs: nowMs + ms, ...more },
      attributes: { "order.id": orderId, ...attributes },
    });
    spans.push(span);
    nowMs = span.endMs;
    return span;
  };
  const way = {
    spans,
    wait(ms: number) {
      nowMs += ms;
      return way;
    },
    accept() {
      const server = hop("server", "gateway", "POST /api/billing", 12, {
        attributes: { "http.response.status_code": 200 },
      });
      nowMs = server.startMs + 3;
      parentId = server.spanId;
      parentId = hop("producer", "gateway", "send orders", 8).spanId;
      return way;
    },
    handOver({ receives = 1, failure }: { receives?: number; failure?: string } = {}) {
      const sent = hop("producer", "order-bridge", "send billing_queue", 5, {
        attributes: { "order.receives": receives },
        ...(failure !== undefined && { isError: true, message: failure }),
      });
      if (failure === undefined) parentId = sent.spanId;
      return way;
    },
    process(outcome: "recorded" | "repeated" | "rejected", more: Partial<Span> = {}) {
      const isError = outcome === "rejected";
      hop("consumer", "billing", "process billing_queue", 6, {
        isError,
        ...more,
        attributes: { "order.outcome": outcome, ...more.attributes },
      });
      return way;
    },
    replay(by: string, why: string) {
      hop("producer", "dead-letters", "replay billing_dead_letters", 4, {
        attributes: { "replay.by": by, "replay.why": why, "replay.run": "run-1" },
        links: [{ traceId: "f".repeat(32), spanId: "e".repeat(16) }],
      });
      return way;
    },
    drop(by: string, why: string) {
      hop("internal", "dead-letters", "drop billing_dead_letters", 2, {
        attributes: { "drop.by": by, "drop.why": why },
      });
      return way;
    },
  };
  return way;
}
