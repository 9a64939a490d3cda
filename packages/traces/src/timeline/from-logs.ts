import { LOG_MESSAGES } from "@cloud-design/core/billing/events";
import { LANE_NAMES } from "@cloud-design/core/billing/lanes";
import { parseJson } from "@cloud-design/core/json";
import * as z from "zod";
import { type Step, type Timeline, timelineOf } from "./timeline.ts";

const text = z.string().optional().catch(undefined);

/** A log line about an order; every other line, and every other format, is ignored. */
const Line = z.object({
  time: z.iso.datetime().transform((time) => Date.parse(time)),
  service: z.string(),
  message: z.string(),
  order_id: text,
  trace_id: text,
  lane: z.enum(LANE_NAMES).optional().catch(undefined),
  receives: z.number().optional().catch(undefined),
  outcome: z.enum(["recorded", "repeated"]).optional().catch(undefined),
  reason: text,
  action: z.enum(["replay", "drop"]).optional().catch(undefined),
  queue: z.enum(["orders", "billing"]).optional().catch(undefined),
  by: text,
  why: text,
});
type Line = z.output<typeof Line>;

/** The timeline of an order from the logs: hops have no durations, and failed attempts appear only as a count. */
export function logTimeline(orderId: string, lines: readonly string[]): Timeline {
  const own = lines.flatMap(parseLine).filter((line) => line.order_id === orderId);
  const traceIds = [...new Set(own.flatMap(({ trace_id }) => trace_id ?? []))];
  return timelineOf({ orderId, traceIds }, own.flatMap(toStep));
}

export function parseLine(line: string): Line[] {
  const { data } = Line.safeParse(parseJson(line));
  return data ? [data] : [];
}

function toStep(line: Line): Step[] {
  const { service: where, time, lane } = line;
  const said = { where, lane, startMs: time, endMs: time, isFailed: false, notes: [] };
  switch (line.message) {
    case LOG_MESSAGES.accepted:
      return [{ ...said, what: "hands it to SQS", into: "orders" }];
    case LOG_MESSAGES.handedOver: {
      const { receives = 1 } = line;
      const notes = receives > 1 ? [`received ${receives} times`] : [];
      return [{ ...said, what: "hands it to RabbitMQ", notes, from: "orders", into: "billing" }];
    }
    case LOG_MESSAGES.recorded: {
      const { outcome = "recorded" } = line;
      const what = outcome === "recorded" ? "records it" : "finds it recorded";
      return [{ ...said, what, outcome, from: "billing" }];
    }
    case LOG_MESSAGES.rejected: {
      const { reason } = line;
      const rejected = { outcome: "rejected", reason, from: "billing", into: "billingDead" } as const;
      return [
        {
          ...said,
          what: "rejects it",
          isFailed: true,
          notes: reason === undefined ? [] : [reason],
          ...rejected,
        },
      ];
    }
    case LOG_MESSAGES.deadLetterChanged:
      return changed(said, line);
    default:
      return [];
  }
}

function changed(
  said: Omit<Step, "what">,
  { action, queue = "billing", by = "an unknown operator", why }: Line,
): Step[] {
  const notes = [`by ${by}${why === undefined ? "" : `: ${why}`}`];
  const from = queue === "orders" ? "ordersDead" : "billingDead";
  const letter = { ...said, where: "operator", notes, from } as const;
  if (action === "replay") return [{ ...letter, what: "replays it", into: queue }];
  return action === "drop" ? [{ ...letter, what: "drops it" }] : [];
}
