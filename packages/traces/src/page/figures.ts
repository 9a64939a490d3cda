// The texts of each box and arrow, from the data of the telemetry part.
import type { Flow, FlowName } from "../store/rates.ts";
import type { QueueState, Snapshot } from "../store/snapshot.ts";
import { entriesOf } from "./entries.ts";
import { duration } from "./words.ts";

interface Alarm {
  text: string;
  isBad?: boolean | undefined;
  /** Late, but not lost. */
  isHeld?: boolean | undefined;
}

/** The content of a box. */
export interface Figures {
  figure: string;
  unit: string;
  detail?: string;
  alarm?: Alarm | undefined;
  isBad?: boolean;
  /** The state of the part, if it does not run. */
  down?: string;
  /** One value for each of the last seconds, for the curve. */
  seconds: readonly number[];
}

/** The part of the platform that a box stands for; a box without a part always counts as running. */
const PART_OF = {
  gateway: "gateway",
  inventory: "inventory",
  movies: "inventory-database",
  orders: "sqs",
  ordersDead: "sqs",
  "order-bridge": "order-bridge",
  billing_queue: "rabbitmq",
  billingDead: "rabbitmq",
  billing: "billing",
  ordersTable: "billing-database",
} as const satisfies Partial<Record<BoxName, string>>;

const RUNNING: ReadonlySet<string> = new Set(["running", "external"]);

/** Title and kind of each box. */
export const BOXES = {
  client: ["clients", "HTTPS"],
  gateway: ["gateway", "Lambda"],
  inventory: ["inventory", "Fargate"],
  movies: ["movies", "PostgreSQL"],
  orders: ["orders", "SQS"],
  "order-bridge": ["order-bridge", "Lambda"],
  billing_queue: ["billing_queue", "RabbitMQ"],
  billing: ["billing", "Fargate"],
  ordersTable: ["orders", "PostgreSQL"],
  ordersDead: ["dead letters", "SQS"],
  billingDead: ["dead letters", "RabbitMQ"],
  total: ["ordered to recorded", "of the last minute"],
} as const satisfies Record<string, readonly [title: string, kind: string]>;
export type BoxName = keyof typeof BOXES;

const per = (rate: number) => (rate >= 99.95 ? rate.toFixed(0) : rate.toFixed(1));
const span = (ms: number | null) => (ms === null ? "–" : duration(ms));
const times = ({ p50, p99 }: Pick<Flow, "p50" | "p99">) => `p50 ${span(p50)} · p99 ${span(p99)}`;
const errors = ({ failedPerSecond: rate }: Pick<Flow, "failedPerSecond">, what = "errors"): Alarm =>
  rate === 0 ? { text: `0 ${what}` } : { text: `${rate < 0.1 ? "< 0.1" : per(rate)} ${what}/s`, isBad: true };

function rate(flow: Flow, unit: string, alarm = errors(flow)): Figures {
  return { figure: per(flow.perSecond), unit, detail: times(flow), alarm, seconds: flow.seconds };
}

/** The delivered orders. An order that it cannot hand over stays in SQS and comes again: late, not lost. */
function bridge(flow: Flow): Figures {
  const { text, isBad } = errors(flow, "held back");
  return rate({ ...flow, perSecond: flow.perSecond - flow.failedPerSecond }, "orders/s", {
    text,
    isHeld: isBad,
  });
}

function queue({ depth, lanes, oldestMs, seconds }: QueueState, nowMs: number): Figures {
  const none = depth === null ? "unknown" : depth > 0 ? "no age yet" : "nothing waits";
  const oldest = oldestMs === null ? none : `oldest ${duration(nowMs - oldestMs)}`;
  return {
    figure: depth === null ? "–" : depth.toLocaleString("en"),
    unit: "waiting",
    detail: lanes?.priority ? `${oldest} · ${lanes.priority.toLocaleString("en")} priority` : oldest,
    // A healthy order is recorded within the promised 5 s.
    alarm: oldestMs !== null && nowMs - oldestMs > 5_000 ? { text: "behind", isBad: true } : { text: "" },
    seconds,
  };
}

function deadLetters({ depth, seconds }: QueueState): Figures {
  return {
    figure: depth === null ? "–" : depth.toLocaleString("en"),
    unit: "",
    isBad: (depth ?? 0) > 0,
    seconds,
  };
}

/** Figures by box, with the state of the part if it does not run. */
export function boxesOf({ atMs, parts, flows, queues, timeToRecorded }: Snapshot): Record<BoxName, Figures> {
  const { gateway, inventory, recorded, repeated, rejected } = flows;
  const p50 = timeToRecorded.p50;
  const boxes: Record<BoxName, Figures> = {
    client: {
      figure: per(gateway.perSecond),
      unit: "requests/s",
      detail: "in and answered",
      alarm: errors(gateway, "5xx"),
      seconds: gateway.seconds,
    },
    gateway: rate(gateway, "requests/s"),
    inventory: rate(inventory, "requests/s"),
    movies: rate(flows["inventory>database"], "queries/s"),
    orders: queue(queues.orders, atMs),
    "order-bridge": bridge(flows["send billing_queue"]),
    billing_queue: queue(queues.billing, atMs),
    billing: rate(
      flows["process billing_queue"],
      "orders/s",
      errors({ failedPerSecond: rejected.perSecond }, "rejected"),
    ),
    ordersTable: {
      figure: per(recorded.perSecond),
      unit: "rows/s",
      // A retry, a replay or an Idempotency-Key: the row existed already.
      detail: repeated.perSecond > 0 ? `${per(repeated.perSecond)} repeated/s` : "each once",
      seconds: recorded.seconds,
    },
    ordersDead: deadLetters(queues.ordersDead),
    billingDead: deadLetters(queues.billingDead),
    total: {
      figure: p50 === null ? "–" : duration(p50),
      unit: p50 === null ? "" : "p50",
      detail: `p99 ${span(timeToRecorded.p99)}`,
      seconds: [],
    },
  };
  for (const [name, part] of entriesOf(PART_OF)) {
    const state = parts[part];
    if (state !== undefined && !RUNNING.has(state)) boxes[name].down = state;
    else boxes[name].alarm = missingCopies(parts, part) ?? boxes[name].alarm;
  }
  return boxes;
}

/** Undefined while every copy of the part runs; most parts have only one process. */
function missingCopies(parts: Snapshot["parts"], part: string): Alarm | undefined {
  const copy = new RegExp(`^${part}-\\d+$`);
  const copies = Object.entries(parts).filter(([name]) => copy.test(name));
  const running = copies.filter(([, state]) => RUNNING.has(state)).length;
  if (running === copies.length) return undefined;
  return { text: `${running} of ${copies.length} run`, isBad: running === 0, isHeld: true };
}

/** The rate of each arrow, per second. */
export function arrowsOf({ flows }: Pick<Snapshot, "flows">) {
  const of = (name: FlowName) => flows[name].perSecond;
  return {
    "client>gateway": of("gateway"),
    "gateway>inventory": of("gateway>inventory"),
    "gateway>billing": of("gateway>billing"),
    "inventory>movies": of("inventory>database"),
    "gateway>orders": of("send orders"),
    "orders>bridge": of("send billing_queue"),
    "bridge>billing_queue": of("send billing_queue") - flows["send billing_queue"].failedPerSecond,
    "billing_queue>billing": of("process billing_queue"),
    "billing>ordersTable": of("recorded") + of("repeated"),
    "orders>ordersDead": 0,
    "ordersDead>orders": of("replay orders-dead-letters"),
    "billing_queue>billingDead": of("rejected"),
    "billingDead>billing_queue": of("replay billing_dead_letters"),
  };
}

export type ArrowName = keyof ReturnType<typeof arrowsOf>;
