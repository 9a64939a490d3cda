import { createHash } from "node:crypto";
import type { AskPage } from "../journal.ts";

/** "CloudWatch Logs quotas": 25 requests a second in us-east-1, 5 in five regions, 10 elsewhere. */
const REQUESTS_PER_SECOND = 10;
/** "FilterLogEvents", API reference: a page has at most 1 MB, or 10,000 events. */
const PAGE_BYTES = 1_000_000;
const PAGE_EVENTS = 10_000;
/** An assumption: AWS states no time. */
const PAGE_MS = 300;

export interface LoggedOrder {
  id: string;
  /** Milliseconds since 1970, as `arrivesAt`. */
  at: number;
  /** When CloudWatch has the line; by default at once. */
  arrivesAt?: number;
}

export interface CloudWatch {
  askPage: AskPage;
  /** The calls that were answered, those that were refused as too many, and the bytes of all events. */
  used: { calls: number; throttled: number; bytes: number };
}

/** CloudWatch Logs with the lines of these orders, in the order of their time, under its real quota and page limits. */
export function openCloudWatch(
  orders: readonly LoggedOrder[],
  { perSecond = REQUESTS_PER_SECOND, pageMs = PAGE_MS }: { perSecond?: number; pageMs?: number } = {},
): CloudWatch {
  const used = { calls: 0, throttled: 0, bytes: 0 };
  let [second, inSecond] = [0, 0];

  const askPage: AskPage = async ({ startTime = 0, endTime = Number.POSITIVE_INFINITY, nextToken }) => {
    const now = Math.floor(performance.now() / 1_000);
    [second, inSecond] = [now, now === second ? inSecond + 1 : 1];
    if (inSecond > perSecond) {
      used.throttled++;
      throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    }
    used.calls++;
    await new Promise((resolve) => setTimeout(resolve, pageMs));
    const arrived = Date.now();
    const events = [];
    for (let index = nextToken ? Number(nextToken) : firstSince(orders, startTime); ; index++) {
      const order = orders[index];
      if (order === undefined || order.at > endTime) return { events };
      if ((order.arrivesAt ?? order.at) > arrived) continue;
      if (events.length === PAGE_MAX) return { events, nextToken: String(index) };
      events.push(eventOf(order, index));
      used.bytes += EVENT_BYTES;
    }
  };
  return { askPage, used };
}

function firstSince(orders: readonly LoggedOrder[], startTime: number): number {
  let [low, high] = [0, orders.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((orders[middle]?.at ?? 0) < startTime) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An event with the line that the gateway writes; its other fields are as long as CloudWatch's. */
function eventOf({ id, at }: LoggedOrder, index: number) {
  return {
    logStreamName: "2026/11/30/[12]0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    timestamp: at,
    message: `{"level":"info","time":"2026-11-26T12:00:00.000Z","service":"gateway","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","order_id":"${id}","message":"order accepted"}`,
    ingestionTime: at,
    eventId: String(index).padStart(56, "3"),
  };
}

/** Each event has the same. */
const EVENT_BYTES = JSON.stringify(eventOf({ id: `ord_${"-".repeat(40)}`, at: 1_764_000_000_000 }, 0)).length;
const PAGE_MAX = Math.min(PAGE_EVENTS, Math.floor(PAGE_BYTES / EVENT_BYTES));

/** The first ids of an endless list: each has the shape of an order id. */
export function orderIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const digest = createHash("sha256").update(String(index)).digest("base64url");
    return `ord_${digest.slice(0, 40)}`;
  });
}
