import { orderTimeline } from "../timeline/from-spans.ts";
import type { Outcome } from "../timeline/timeline.ts";
import type { Depths, QueueGauge } from "./depths.ts";
import { FLOWS, type Flow, type FlowName, quantile, type Rates, WINDOW_SECONDS } from "./rates.ts";
import type { Span } from "./span.ts";
import type { SpanStore } from "./store.ts";

/** As many as stand beside the drawing without scrolling. */
const ORDERS_MAX = 10;
/** As many besides as may still lack their beginning while orders come fast. */
const ORDERS_LOOKED_AT = 4 * ORDERS_MAX;
/** The spans of a part come half a second late, so billing's may be there before the gateway's: until then nobody knows when it was ordered. */
const BEGINNING_MS = 2_000;
/** Two pages that ask at the same time get the same. */
const FRESH_MS = 900;

/** By whom an order is put into each queue, and by whom it is taken from it. */
const HOPS = {
  orders: {
    sentBy: ["send orders", "replay orders-dead-letters"],
    takenBy: ["send billing_queue", "process billing_queue"],
  },
  billing: {
    sentBy: ["send billing_queue", "replay billing_dead_letters"],
    takenBy: ["process billing_queue"],
  },
} as const;

export interface QueueState {
  /** Null where nobody answers. */
  depth: number | null;
  /** Since when the first of them waits; null when none does, or none that was traced. */
  oldestMs: number | null;
  /** Depth in each second of the last minute in which somebody looked, the latest last. */
  seconds: number[];
}

export interface OrderSummary {
  id: string;
  orderedAtMs: number;
  outcome: Outcome;
  isReplayed: boolean;
}

export interface Snapshot {
  atMs: number;
  parts: Record<string, string>;
  flows: Record<FlowName, Flow>;
  queues: Record<keyof Depths, QueueState>;
  /** From acceptance to the row, of the orders that were recorded in the last minute; in milliseconds. */
  timeToRecorded: { p50: number | null; p99: number | null };
  orders: OrderSummary[];
}

interface LiveDependencies {
  store: SpanStore;
  rates: Rates;
  gauge: Pick<QueueGauge, "read">;
  /** The state of each part of the platform, by its name. */
  parts(): Record<string, string>;
  now?: () => number;
  freshMs?: number;
}

/** What flows now. Nothing is read while nobody asks. */
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
        orders: queues.orders(depths.orders),
        billing: queues.billing(depths.billing),
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
    // Nothing waits: whatever looks so has lost a span, as when this process was stopped for a while.
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
    const isWhole = spans.some(({ name }) => name === "send orders");
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
