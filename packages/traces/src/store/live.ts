import { SPAN_NAMES } from "@cloud-design/core/billing/events";
import { orderTimeline } from "../timeline/from-spans.ts";
import type { QueueGauge } from "./depths.ts";
import { FLOWS, quantile, type Rates, WINDOW_SECONDS } from "./rates.ts";
import type { OrderSummary, QueueState, Snapshot } from "./snapshot.ts";
import type { Span } from "./span.ts";
import type { SpanStore } from "./store.ts";

/** As many orders as fit beside the drawing without scrolling. */
const ORDERS_MAX = 10;
/** Further orders that may still lack their beginning while orders come fast. */
const ORDERS_LOOKED_AT = 4 * ORDERS_MAX;
/** Parts send their spans up to half a second late, so billing's may arrive before the gateway's: until then the time of the order is unknown. */
const BEGINNING_MS = 2_000;
/** Two pages that ask within this time get the same snapshot. */
const FRESH_MS = 900;

/** The spans that put an order into each queue, and those that take it out. */
const HOPS = {
  orders: {
    sentBy: [SPAN_NAMES.sendOrders, SPAN_NAMES.replayOrders],
    takenBy: [SPAN_NAMES.sendBilling, SPAN_NAMES.processBilling],
  },
  billing: {
    sentBy: [SPAN_NAMES.sendBilling, SPAN_NAMES.replayBilling],
    takenBy: [SPAN_NAMES.processBilling],
  },
} as const;

interface LiveDependencies {
  store: SpanStore;
  rates: Rates;
  gauge: Pick<QueueGauge, "read">;
  /** The state of each part of the platform, by its name. */
  parts(): Record<string, string>;
  now?: () => number;
  freshMs?: number;
}

/** Returns the current snapshot on request. Between requests it reads nothing. */
export function openLive({
  store,
  rates,
  gauge,
  parts,
  // biome-ignore lint/plugin: compared with spans, which carry wall time.
  now = Date.now,
  freshMs = FRESH_MS,
}: LiveDependencies): () => Promise<Snapshot> {
  const queues = {
    orders: follow(store, HOPS.orders),
    billing: follow(store, HOPS.billing),
    ordersDead: follow(store),
    billingDead: follow(store),
  };
  let latest: { at: number; snapshot: Promise<Snapshot> } | undefined;

  async function look(at: number): Promise<Snapshot> {
    const depths = await gauge.read();
    const recorded = store.timesToRecorded(at - WINDOW_SECONDS * 1_000);
    return {
      atMs: at,
      parts: parts(),
      flows: Object.fromEntries(FLOWS.map((name) => [name, rates.flow(name, at)])) as Snapshot["flows"],
      queues: {
        orders: { ...queues.orders(depths.orders), lanes: depths.lanes?.orders },
        billing: { ...queues.billing(depths.billing), lanes: depths.lanes?.billing },
        ordersDead: queues.ordersDead(depths.ordersDead),
        billingDead: queues.billingDead(depths.billingDead),
      },
      timeToRecorded: { p50: quantile(recorded, 0.5), p99: quantile(recorded, 0.99) },
      orders: lastOrders(store, at),
    };
  }
  return () => {
    const at = now();
    if (latest === undefined || at - latest.at >= freshMs) latest = { at, snapshot: look(at) };
    return latest.snapshot;
  };
}

function follow(store: SpanStore, hop?: Parameters<SpanStore["oldestWaiting"]>[0]) {
  const seconds: number[] = [];
  let settledUpTo = 0;
  return (depth: number | null): QueueState => {
    seconds.push(depth ?? 0);
    if (seconds.length > WINDOW_SECONDS) seconds.shift();
    // The queue is empty. An order that still seems to wait has lost a span, for example while this process was stopped.
    if (depth === 0) settledUpTo = store.lastId() + 1;
    if (!depth || !hop) return { depth, oldestMs: null, seconds: [...seconds] };
    const oldest = store.oldestWaiting(hop, settledUpTo);
    if (oldest) settledUpTo = oldest.id;
    return { depth, oldestMs: oldest?.sinceMs ?? null, seconds: [...seconds] };
  };
}

function lastOrders(store: SpanStore, at: number): OrderSummary[] {
  const orders: OrderSummary[] = [];
  for (const id of store.recentOrders(ORDERS_LOOKED_AT)) {
    const spans = store.ofOrder(id);
    const isWhole = spans.some(({ name }) => name === SPAN_NAMES.sendOrders);
    const summary = summaryOf(id, spans);
    if (isWhole || at - summary.orderedAtMs > BEGINNING_MS) orders.push(summary);
    if (orders.length === ORDERS_MAX) break;
  }
  return orders;
}

function summaryOf(id: string, spans: readonly Span[]): OrderSummary {
  const { startedAtMs, outcome, hops } = orderTimeline(id, spans);
  const isReplayed = hops.some(({ what }) => what === "replays it");
  return { id, orderedAtMs: startedAtMs, outcome, isReplayed };
}
