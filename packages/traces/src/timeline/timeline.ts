/** Where an order can lie between two hops, as people call it. */
export const QUEUES = {
  orders: "SQS orders",
  billing: "RabbitMQ billing_queue",
  ordersDead: "orders-dead-letters",
  billingDead: "billing_dead_letters",
} as const;
export type QueueKey = keyof typeof QUEUES;

/** One thing that was done with an order or a request, read from a span or from a line of the log. Times in milliseconds since 1970. */
export interface Step {
  where: string;
  what: string;
  startMs: number;
  endMs: number;
  isFailed: boolean;
  notes: string[];
  /** The queue that it put the order into. */
  into?: QueueKey | undefined;
  /** Where it took it from; whoever puts it into the next queue has taken it from the one before. */
  from?: QueueKey | undefined;
  /** What became of the order by it. */
  outcome?: "recorded" | "repeated" | "rejected" | undefined;
  reason?: string | undefined;
  /** Tries that look alike are one hop. */
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
  /** Since when it is so. */
  atMs: number | null;
}

export interface Timeline {
  orderId: string | null;
  traceIds: string[];
  startedAtMs: number;
  outcome: Outcome;
  hops: Hop[];
}

/** The way of one order, or of one request where nothing was ordered, with its waits between the steps. */
export function timelineOf(
  { orderId, traceIds }: Pick<Timeline, "orderId" | "traceIds">,
  given: readonly Step[],
): Timeline {
  // Clocks count in milliseconds: of what begins in the same one, the longest is what the others were done for.
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

/** One wait for each time that the order was put into a queue: until it was taken from it, or until now. */
function waitsBetween(steps: readonly Step[]): Hop[] {
  const waits: Hop[] = [];
  for (const step of steps) {
    const { into, startMs, endMs } = step;
    if (into === undefined || !isDone(step)) continue;
    // A consumer may begin before its publisher has the confirm.
    const taken = steps.find((next) => next.startMs >= startMs && takesFrom(into, next));
    // What was delivered though its confirm was lost has left SQS as well.
    const passed = steps.find(
      (next) => into === "orders" && next.startMs >= startMs && takesFrom("billing", next),
    );
    const until = taken ?? passed;
    if (until && until.startMs <= endMs) continue;
    waits.push({
      where: QUEUES[into],
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
  // SQS itself moves what was received too often to its dead letters, and tells nobody.
  const isIts = step.from === queue || (queue === "orders" && step.from === "ordersDead");
  return isIts && isDone(step);
}

/** Whether the order is where the step wanted it: a rejection is marked as a failure and laid it aside all the same. */
function isDone({ isFailed, outcome }: Step): boolean {
  return !isFailed || outcome === "rejected";
}

/** Of what begins at the same time: the moment that ends with it, the wait that it begins, and what is done meanwhile, the longest first. */
function rankOf({ kind, startMs, endMs }: Hop): number {
  if (kind === "wait") return 1;
  return endMs === startMs ? 0 : 2;
}

/** Failed tries that follow each other are one hop, with the reason of the last. */
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
