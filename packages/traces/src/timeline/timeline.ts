import { LANES, type Lane } from "@cloud-design/core/billing/lanes";

/** The places where an order of a lane can wait between two hops, with their names for people. */
const QUEUES = {
  orders: (lane: Lane) => `SQS ${LANES[lane].sqs}`,
  billing: (lane: Lane) => `RabbitMQ ${LANES[lane].queue}`,
  ordersDead: () => "orders-dead-letters",
  billingDead: () => "billing_dead_letters",
} as const;
export type QueueKey = keyof typeof QUEUES;

/** One step of an order or a request, from a span or a log line. Times in milliseconds since 1970. */
export interface Step {
  where: string;
  what: string;
  startMs: number;
  endMs: number;
  isFailed: boolean;
  notes: string[];
  /** The order's lane, if the step says so. */
  lane?: Lane | undefined;
  /** The queue into which the step put the order. */
  into?: QueueKey | undefined;
  /** The queue from which it took the order. Putting an order into the next queue implies taking it from the one before. */
  from?: QueueKey | undefined;
  /** The order's outcome in this step. */
  outcome?: "recorded" | "repeated" | "rejected" | undefined;
  reason?: string | undefined;
  /** Equal attempts in a row become one hop. */
  isRepeatable?: boolean;
}

export interface Hop {
  where: string;
  what: string;
  kind: "work" | "wait";
  startMs: number;
  /** Null while it lasts. */
  endMs: number | null;
  attempts: number;
  isFailed: boolean;
  notes: string[];
}

export interface Outcome {
  state: "recorded" | "rejected" | "waiting" | "answered" | "failed" | "unknown";
  /** For people, without the time. */
  text: string;
  reason: string | null;
  /** The time since which the order has this state. */
  atMs: number | null;
}

export interface Timeline {
  orderId: string | null;
  traceIds: string[];
  startedAtMs: number;
  outcome: Outcome;
  hops: Hop[];
}

/** The timeline of one order, or of one request without an order, with the waits between the steps. */
export function timelineOf(
  { orderId, traceIds }: Pick<Timeline, "orderId" | "traceIds">,
  given: readonly Step[],
): Timeline {
  // Clocks count in milliseconds: of the steps that begin in the same one, the longest is the parent of the others.
  const steps = given.toSorted((one, other) => one.startMs - other.startMs || other.endMs - one.endMs);
  const waits = waitsBetween(steps);
  const hops = [...grouped(steps), ...waits].toSorted(
    (one, other) =>
      one.startMs - other.startMs ||
      rankOf(one) - rankOf(other) ||
      (other.endMs ?? Infinity) - (one.endMs ?? Infinity),
  );
  const startedAtMs = hops[0]?.startMs ?? 0;
  const outcome = orderId === null ? answerOf(steps) : outcomeOf(steps, waits);
  return { orderId, traceIds, startedAtMs, outcome, hops };
}

/** One wait for each time that the order was put into a queue: until it was taken out, or until now. */
function waitsBetween(steps: readonly Step[]): Hop[] {
  const waits: Hop[] = [];
  const lane = steps.find((step) => step.lane !== undefined)?.lane ?? "standard";
  for (const step of steps) {
    const { into, startMs, endMs } = step;
    if (into === undefined || !isDone(step)) continue;
    // A consumer may begin before its publisher has the confirm.
    const taken = steps.find((next) => next.startMs >= startMs && takesFrom(into, next));
    // An order that was delivered although its confirm was lost has left SQS as well.
    const passed = steps.find(
      (next) => into === "orders" && next.startMs >= startMs && takesFrom("billing", next),
    );
    const until = taken ?? passed;
    if (until && until.startMs <= endMs) continue;
    waits.push({
      where: QUEUES[into](lane),
      what: into === "ordersDead" || into === "billingDead" ? "waits for an operator" : "waits",
      kind: "wait",
      startMs: endMs,
      endMs: until?.startMs ?? null,
      attempts: 1,
      isFailed: false,
      notes: [],
    });
  }
  return waits;
}

function takesFrom(queue: QueueKey, step: Step): boolean {
  // SQS itself moves a message with too many receives to the dead letters, without a span.
  const isIts = step.from === queue || (queue === "orders" && step.from === "ordersDead");
  return isIts && isDone(step);
}

/** Whether the step moved the order: a rejection is marked as a failure, but it moved the order to the dead letters. */
function isDone({ isFailed, outcome }: Step): boolean {
  return !isFailed || outcome === "rejected";
}

/** The order of hops that begin at the same time: the moment that ends there, the wait that begins there, then work in that time, the longest first. */
function rankOf({ kind, startMs, endMs }: Hop): number {
  if (kind === "wait") return 1;
  return endMs === startMs ? 0 : 2;
}

/** Failed attempts in a row become one hop, with the reason of the last one. */
function grouped(steps: readonly Step[]): Hop[] {
  const hops: Hop[] = [];
  for (const { where, what, startMs, endMs, isFailed, notes, isRepeatable = false } of steps) {
    const last = hops.at(-1);
    if (isRepeatable && isFailed && last?.isFailed && last.where === where && last.what === what) {
      last.attempts++;
      last.endMs = Math.max(last.endMs ?? 0, endMs);
      last.notes = notes;
      continue;
    }
    hops.push({ where, what, kind: "work", startMs, endMs, attempts: 1, isFailed, notes });
  }
  return hops;
}

function outcomeOf(steps: readonly Step[], waits: readonly Hop[]): Outcome {
  const recorded = steps.find(({ outcome }) => outcome === "recorded");
  if (recorded) return { state: "recorded", text: "recorded", reason: null, atMs: recorded.endMs };
  const repeated = steps.find(({ outcome }) => outcome === "repeated");
  if (repeated) {
    const text = "recorded before; this delivery changed nothing";
    return { state: "recorded", text, reason: null, atMs: repeated.endMs };
  }
  const open = waits.findLast(({ endMs }) => endMs === null);
  const rejected = steps.findLast(({ outcome }) => outcome === "rejected");
  const isReplayed = open !== undefined && rejected !== undefined && open.startMs > rejected.endMs;
  if (rejected && !isReplayed) {
    return { state: "rejected", text: "rejected", reason: rejected.reason ?? null, atMs: rejected.endMs };
  }
  if (open) return { state: "waiting", text: `waits in ${open.where}`, reason: null, atMs: open.startMs };
  const failed = steps.findLast(({ isFailed }) => isFailed);
  if (failed)
    return { state: "failed", text: "not accepted", reason: failed.notes[0] ?? null, atMs: failed.endMs };
  return { state: "unknown", text: "not known from the trace", reason: null, atMs: null };
}

function answerOf(steps: readonly Step[]): Outcome {
  const [first] = steps;
  if (first === undefined) return { state: "unknown", text: "not known", reason: null, atMs: null };
  const text = first.isFailed ? "failed" : "answered";
  return { state: text, text, reason: first.notes[0] ?? null, atMs: first.endMs };
}
