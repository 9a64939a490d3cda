// The data of the live page, which the browser asks for once a second. This file imports nothing of Node.
import type { Outcome } from "../timeline/timeline.ts";
import type { Depths, LaneDepths } from "./depths.ts";
import type { Flow, FlowName } from "./rates.ts";

export interface QueueState {
  /** Null if the queue does not answer. */
  depth: number | null;
  /** The same by lane, for a queue that has lanes. */
  lanes?: LaneDepths | null | undefined;
  /** The time since which the oldest order waits; null if no traced order waits. */
  oldestMs: number | null;
  /** The depths that were read in the last minute, about one per second, the latest last. */
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
  /** The time from acceptance to the row, of the orders that were recorded in the last minute; in milliseconds. */
  timeToRecorded: { p50: number | null; p99: number | null };
  orders: OrderSummary[];
}
