import { SPAN_EVENTS, SPAN_NAMES } from "@cloud-design/core/billing/events";
import { laneOfQueue } from "@cloud-design/core/billing/lanes";
import { orderIdOf, type Span, textOf } from "../store/span.ts";
import { type QueueKey, type Step, type Timeline, timelineOf } from "./timeline.ts";

/** The queue from which each span of an operator takes a dead letter. */
const REPLAYED_FROM: Readonly<Record<string, QueueKey>> = {
  [SPAN_NAMES.replayOrders]: "ordersDead",
  [SPAN_NAMES.replayBilling]: "billingDead",
};
const DROPPED_FROM: Readonly<Record<string, QueueKey>> = {
  [SPAN_NAMES.dropOrders]: "ordersDead",
  [SPAN_NAMES.dropBilling]: "billingDead",
};
/** How many levels above a span are searched; the limit also ends a circle of spans. */
const LEVELS_MAX = 16;

/** The timeline from all spans of one order. */
export function orderTimeline(orderId: string, spans: readonly Span[]): Timeline {
  const orderOf = ownerOf(spans);
  const own = spans.filter((span) => orderOf(span) === orderId);
  const traceIds = [...new Set(own.map(({ traceId }) => traceId))];
  return timelineOf({ orderId, traceIds }, own.map(toStep));
}

/** The timeline of a trace without an order, such as a request for movies. */
export function requestTimeline(traceId: string, spans: readonly Span[]): Timeline {
  return timelineOf({ orderId: null, traceIds: [traceId] }, spans.map(toStep));
}

/** The order that a span or one of its ancestors names: a client may send many orders in one trace. */
function ownerOf(spans: readonly Span[]): (span: Span) => string | undefined {
  const byId = new Map(spans.map((span) => [span.traceId + span.spanId, span]));
  return (span) => {
    let current: Span | undefined = span;
    for (let level = 0; current !== undefined && level < LEVELS_MAX; level++) {
      const named = orderIdOf(current);
      if (named !== undefined) return named;
      current = byId.get(current.traceId + current.parentId);
    }
    return undefined;
  };
}

function toStep(span: Span): Step {
  const queue = textOf(span, "messaging.destination.name");
  const lane = queue === undefined ? undefined : laneOfQueue(queue);
  const step = { ...stepOf(span), lane, startMs: span.startMs, endMs: span.endMs, isFailed: span.isError };
  return { ...step, notes: [...(span.isError ? reasonsOf(span) : []), ...step.notes] };
}

type Said = Pick<Step, "where" | "what" | "notes"> & Partial<Step>;

function stepOf(span: Span): Said {
  const { name, service, kind } = span;
  const [replayedFrom, droppedFrom] = [REPLAYED_FROM[name], DROPPED_FROM[name]];
  if (kind === "producer" && replayedFrom !== undefined) return replayed(span, replayedFrom);
  if (kind === "internal" && droppedFrom !== undefined)
    return { where: "operator", what: "drops it", notes: notesOn(span, "drop"), from: droppedFrom };
  if (kind === "producer" && name === SPAN_NAMES.sendOrders)
    return { where: service, what: "hands it to SQS", notes: [], into: "orders" };
  if (kind === "producer" && name === SPAN_NAMES.sendBilling) return handedOver(span);
  if (kind === "consumer") return processed(span);
  if (kind === "server") {
    const status = textOf(span, "http.response.status_code");
    return { where: service, what: status === undefined ? name : `${name}: ${status}`, notes: [] };
  }
  if (kind === "client" && name === "database")
    return { where: service, what: "asks the database", notes: [] };
  return { where: service, what: name, notes: [] };
}

function handedOver(span: Span): Said {
  const receives = Number(span.attributes["order.receives"] ?? 1);
  const what = span.isError ? "cannot hand it to RabbitMQ" : "hands it to RabbitMQ";
  const notes = receives > 1 && !span.isError ? [`received ${receives} times`] : [];
  return { where: span.service, what, notes, from: "orders", into: "billing", isRepeatable: true };
}

function processed(span: Span): Said {
  const outcome = textOf(span, "order.outcome");
  const waits = span.events.filter(({ name }) => name === SPAN_EVENTS.waits);
  const batch = Number(span.attributes["order.batch_size"] ?? 1);
  const notes = [
    ...(span.attributes["messaging.rabbitmq.redelivered"] === true ? ["delivered again"] : []),
    ...(batch > 1 ? [`one of ${batch}`] : []),
    ...(waits.length > 0 ? [waitedFor(waits)] : []),
  ];
  const said = { where: span.service, notes, from: "billing" as const };
  if (outcome === "recorded") return { ...said, what: "records it", outcome };
  if (outcome === "repeated") return { ...said, what: "finds it recorded", outcome };
  if (outcome === "rejected") {
    const reason = reasonsOf(span)[0];
    return { ...said, what: "rejects it", outcome, into: "billingDead", reason };
  }
  // The order goes back to the queue, so it waits there as before.
  return { ...said, from: undefined, what: span.isError ? "cannot record it" : "gives it back" };
}

function waitedFor(waits: Span["events"]): string {
  const [first] = waits;
  const reason = first && textOf(first, "exception.message");
  const times = waits.length === 1 ? "once" : `${waits.length} times`;
  return `waited for a dependency ${times}${reason === undefined ? "" : `: ${reason}`}`;
}

function replayed(span: Span, from: QueueKey): Said {
  return {
    where: "operator",
    what: "replays it",
    notes: notesOn(span, "replay"),
    from,
    into: from === "ordersDead" ? "orders" : "billing",
  };
}

/** Notes: the operator, the reason, and the trace of the whole run. */
function notesOn(span: Span, verb: "replay" | "drop"): string[] {
  const by = textOf(span, `${verb}.by`) ?? "an unknown operator";
  const why = textOf(span, `${verb}.why`);
  const [link] = span.links;
  const run = link === undefined ? [] : [`its run: trace ${link.traceId}`];
  return [`by ${by}${why === undefined ? "" : `: ${why}`}`, ...run];
}

function reasonsOf(span: Span): string[] {
  const exception = span.events.find(({ name }) => name === "exception");
  const reason = span.message ?? (exception && textOf(exception, "exception.message"));
  return reason === undefined ? [] : [reason];
}
