import {
  ANSWER_BYTES,
  FUNCTION_MB,
  FUNCTION_MS,
  JOURNAL_BYTES,
  LOG_EVENT_BYTES,
  LOGS,
  ORDER_ROW_BYTES,
  READ_CPU_MS,
  REQUEST_BYTES,
  SPAN_BYTES,
  TASK_SPANS,
} from "./measured.ts";
import { HOURS_A_MONTH, line, MONTH_OF, PER_USE, type PriceLine, TIERS } from "./prices.ts";
import type { StageSettings } from "./settings.ts";
import { CPU_TARGET, CPU_UNITS, REQUESTS_TARGET } from "./task-size.ts";

/** Requests in a month. A read is one of the load test's mix, or a question for an order. */
export interface Use {
  reads: number;
  orders: number;
}

export const SECONDS_A_MONTH = HOURS_A_MONTH * 3_600;
const MILLION = 1_000_000;
const GB = 1_000_000_000;
/** SQS bills each send, receive and delete. The bridge takes orders one by one unless some wait, so this is the most. */
const QUEUE_CALLS = 3;
/**
 * Lambda's own sample of traces, which cannot be set: one call a second, and this share of the others (Lambda developer guide, "Visualize Lambda
 * function invocations using AWS X-Ray").
 */
const LAMBDA_SAMPLE = { aSecond: 1, share: 0.05 };

/** The price of a month's requests on top of a month without them, at an even rate. The free tiers of an account are left out. */
export function usedMonth({ reads, orders }: Use, settings: StageSettings): PriceLine[] {
  const calls = reads + orders;
  const each = (bytes: { read: number; order: number }) => reads * bytes.read + orders * bytes.order;
  const logged = (parts: (keyof typeof LOGS)[]) =>
    parts
      .map((part) => each(LOGS[part].bytes) + LOG_EVENT_BYTES * each(LOGS[part].events))
      .reduce((sum, bytes) => sum + bytes, 0);
  const logGb = logged(Object.keys(LOGS) as (keyof typeof LOGS)[]) / GB;
  const taskSpans = settings.traceShare * each(TASK_SPANS);
  const natBytes = logged(["inventory", "billing"]) + SPAN_BYTES * taskSpans + JOURNAL_BYTES * orders;
  const functionSeconds = {
    gateway: (calls * FUNCTION_MS.gateway) / 1_000,
    bridge: (orders * FUNCTION_MS.bridge) / 1_000,
  };
  const gbSeconds =
    (functionSeconds.gateway * FUNCTION_MB.gateway + functionSeconds.bridge * FUNCTION_MB.bridge) / 1_024;
  // The gateway for reads, the one for orders, and the bridge.
  const traces = settings.traceShare * calls + sampled(reads) + 2 * sampled(orders);
  const millions = (part: string, count: number, unit: string, usd: number) =>
    line(part, count / MILLION, `million ${unit}`, MILLION * usd);
  return [
    millions("CloudFront", calls, "requests", PER_USE.edgeRequest),
    tiered("CloudFront's data", each(ANSWER_BYTES) / GB, "GB", TIERS.edgeGb),
    ...(settings.hasFirewall
      ? [millions("Firewall's requests", calls, "requests", PER_USE.firewallRequest)]
      : []),
    tiered("API Gateway", calls / MILLION, "million requests", TIERS.httpMillions),
    millions("Lambda's calls", calls + orders, "calls", PER_USE.run),
    line("Lambda's time", gbSeconds, "GB-seconds", PER_USE.gbSecond),
    millions("SQS", QUEUE_CALLS * orders, "calls", PER_USE.queueCall),
    // A unit passes a GB in an hour, which is its first measure to be used up: connections are few and kept.
    line("Balancer's capacity", (reads * (REQUEST_BYTES + ANSWER_BYTES.read)) / GB, "LCU-hours", PER_USE.lcu),
    // Through an instance, traffic to services of the same region costs a cent a GB at most.
    ...(settings.nat === "gateway" ? [line("NAT's data", natBytes / GB, "GB", PER_USE.natGb)] : []),
    line("Logs of requests", logGb, "GB", PER_USE.logGb),
    line("Logs kept", (logGb * settings.logRetentionDays) / 30, "GB-months", PER_USE.logGbKept),
    millions("Traces", traces, "traces", PER_USE.trace),
    line(
      "Further tasks",
      furtherTasks(reads / SECONDS_A_MONTH, settings),
      "Fargate tasks",
      (settings.isInventoryOnSpot ? MONTH_OF.spotShare : 1) * MONTH_OF.task,
    ),
    line(
      "Orders on disk",
      (orders * ORDER_ROW_BYTES) / GB,
      "GB, more each month",
      (settings.isDatabaseMultiAz ? 2 : 1) * MONTH_OF.databaseGb,
    ),
  ];
}

/** Calls of a function whose trace Lambda keeps by itself. */
function sampled(calls: number): number {
  const first = Math.min(calls, LAMBDA_SAMPLE.aSecond * SECONDS_A_MONTH);
  return first + LAMBDA_SAMPLE.share * (calls - first);
}

/** Inventory's tasks beyond the least, by both of its targets. Billing follows what waits, and at an even rate nothing does. */
function furtherTasks(readsPerSecond: number, { inventoryTasks: { min, max } }: StageSettings): number {
  const byRequests = (readsPerSecond * 60) / REQUESTS_TARGET;
  const byCpu = (readsPerSecond * READ_CPU_MS) / (((CPU_UNITS / 1_024) * 1_000 * CPU_TARGET) / 100);
  return Math.min(max, Math.max(min, Math.ceil(Math.max(byRequests, byCpu)))) - min;
}

/** Each tier is the most that its price holds for, counted from the first one on. */
function tiered(
  part: string,
  count: number,
  unit: string,
  tiers: readonly (readonly [upTo: number, usdEach: number])[],
): PriceLine {
  const usdMonthly = tiers.reduce((usd, [upTo, usdEach], index) => {
    const from = tiers[index - 1]?.[0] ?? 0;
    return usd + Math.max(0, Math.min(count, upTo) - from) * usdEach;
  }, 0);
  return { part, count, unit, usdMonthly };
}
