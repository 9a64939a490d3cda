import { SPAN_NAMES } from "@cloud-design/core/billing/events";
import { type Span, textOf } from "./span.ts";

/** Seconds over which a rate is averaged: single seconds vary too much, and spans come half a second late. */
export const RATE_SECONDS = 10;
/** The window of p50 and p99, and of the curves. */
export const WINDOW_SECONDS = 60;
/** The most durations that are kept of one second: more would not make the percentiles more precise. */
const DURATIONS_MAX = 500;

/** The boxes and arrows of the drawing. Spans of other names are not counted. */
export const FLOWS = [
  "gateway",
  "inventory",
  "billing",
  "gateway>inventory",
  "gateway>billing",
  "inventory>database",
  SPAN_NAMES.sendOrders,
  SPAN_NAMES.sendBilling,
  SPAN_NAMES.processBilling,
  "recorded",
  "repeated",
  "rejected",
  SPAN_NAMES.replayBilling,
  SPAN_NAMES.replayOrders,
] as const;
export type FlowName = (typeof FLOWS)[number];

export interface Flow {
  perSecond: number;
  failedPerSecond: number;
  /** In milliseconds; null without a measurement. */
  p50: number | null;
  p99: number | null;
  /** How many ended in each second of the window, the latest last. */
  seconds: number[];
}

interface Second {
  at: number;
  count: number;
  failed: number;
  durations: number[];
}

/** The rates of the last minute, by the name of the flow. They stay in memory, because they have no use later. */
export class Rates {
  readonly #flows = new Map<string, Second[]>(FLOWS.map((name) => [name, []]));

  add(spans: readonly Span[]): void {
    for (const span of spans) for (const [flow, isFailed] of flowsOf(span)) this.#count(flow, span, isFailed);
  }

  flow(name: FlowName, nowMs: number): Flow {
    const now = Math.floor(nowMs / 1_000);
    const seconds = (this.#flows.get(name) ?? []).filter(({ at }) => at > now - WINDOW_SECONDS && at <= now);
    // The current second is not complete yet.
    const recent = seconds.filter(({ at }) => at >= now - RATE_SECONDS && at < now);
    const sum = (field: "count" | "failed") => recent.reduce((total, second) => total + second[field], 0);
    const durations = seconds.flatMap((second) => second.durations).toSorted((one, other) => one - other);
    const counts = new Map(seconds.map(({ at, count }) => [at, count]));
    return {
      perSecond: sum("count") / RATE_SECONDS,
      failedPerSecond: sum("failed") / RATE_SECONDS,
      p50: quantile(durations, 0.5),
      p99: quantile(durations, 0.99),
      seconds: Array.from(
        { length: WINDOW_SECONDS },
        (_, index) => counts.get(now - WINDOW_SECONDS + index) ?? 0,
      ),
    };
  }

  #count(flow: string, { startMs, endMs }: Span, isFailed: boolean): void {
    const seconds = this.#flows.get(flow);
    if (seconds === undefined) return;
    const at = Math.floor(endMs / 1_000);
    let second = seconds.findLast((known) => known.at === at);
    if (second === undefined) {
      second = { at, count: 0, failed: 0, durations: [] };
      seconds.push(second);
      seconds.sort((one, other) => one.at - other.at);
      // A sender's clock may be wrong: keep no more seconds than the window has.
      if (seconds.length > 2 * WINDOW_SECONDS) seconds.shift();
    }
    second.count++;
    if (isFailed) second.failed++;
    if (second.durations.length < DURATIONS_MAX) second.durations.push(endMs - startMs);
  }
}

/** The flows in which a span is counted, and whether it failed there. */
function flowsOf(span: Span): [flow: string, isFailed: boolean][] {
  const { kind, service, name, isError } = span;
  if (kind === "server") return [[service, Number(span.attributes["http.response.status_code"] ?? 0) >= 500]];
  if (kind === "client") {
    const peer = textOf(span, "peer.service") ?? name.split(" ").at(-1) ?? name;
    return [[`${service}>${peer}`, isError]];
  }
  if (kind === "producer") return [[name, isError]];
  if (kind !== "consumer") return [];
  const outcome = textOf(span, "order.outcome");
  return [[name, isError], ...(outcome === undefined ? [] : [[outcome, false] as [string, boolean]])];
}

/** A quantile of figures in ascending order; null without figures. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
