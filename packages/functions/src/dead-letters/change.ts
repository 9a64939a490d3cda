import { setTimeout as sleep } from "node:timers/promises";
import { SPAN_NAMES } from "@cloud-design/core/billing/events";
import { inSpan, parentFrom, type Span, SpanKind, traceparentOf } from "@cloud-design/core/telemetry";
import type { DeadLetterQueue, HeldLetter } from "./dead-letter-queue.ts";
import { type ChangeAnswer, type DeadLettersRequest, isSelected, type QueueName } from "./protocol.ts";

/** How long a request continues after its first change: the caller sees its progress and asks again. */
const SLICE_MILLISECONDS = 2_000;

type Change = Extract<DeadLettersRequest, { action: "replay" | "drop" }>;
type Replaying = Extract<DeadLettersRequest, { action: "replay" }>;

const SPAN_OF = {
  replay: { orders: SPAN_NAMES.replayOrders, billing: SPAN_NAMES.replayBilling },
  drop: { orders: SPAN_NAMES.dropOrders, billing: SPAN_NAMES.dropBilling },
} satisfies Record<Change["action"], Record<QueueName, string>>;

/** One change for the record: actor, action, dead letter and reason, never the content. */
export interface Entry {
  action: "replay" | "drop";
  queue: QueueName;
  message_id: string;
  order_id: string;
  cause: string;
  by: string;
  why: string;
}

/**
 * Replays or drops the selected dead letters. Each is recorded before it leaves its queue: after a crash in between it
 * is handled again, which is harmless.
 */
export function change(
  request: Change,
  queue: DeadLetterQueue,
  record: (entry: Entry) => void,
): Promise<ChangeAnswer> {
  return inSpan(`dlq ${request.action}`, {}, (span) => changeAll(request, queue, record, span));
}

async function changeAll(
  request: Change,
  queue: DeadLetterQueue,
  record: (entry: Entry) => void,
  run: Span,
): Promise<ChangeAnswer> {
  const done: string[] = [];
  const refused: string[] = [];
  const until = performance.now() + SLICE_MILLISECONDS;
  let isComplete = true;
  const nextTurn = paceOf(request);
  const isOver = () => {
    // At least one change per request, or the requests would make no progress.
    if (done.length > 0 && performance.now() > until) isComplete = false;
    return !isComplete;
  };
  const visit = async (held: HeldLetter) => {
    const { id, orderId, cause, isDroppable, lastReplay } = held.letter;
    if (!isSelected(request.select, held.letter)) return;
    if (request.action === "drop" && !isDroppable) {
      refused.push(id);
      return;
    }
    if (request.action === "replay") {
      // It was replayed in this run and has come back: its cause is not fixed.
      if (lastReplay?.run === request.run) return;
      await nextTurn();
      await replay(held, request, run);
    }
    const { action, queue: name, by, why } = request;
    const takeOut = () => {
      record({ action, queue: name, message_id: id, order_id: orderId, cause, by, why });
      return held.takeOut();
    };
    await (action === "drop" ? drop(held, request, { run, takeOut }) : takeOut());
    done.push(id);
  };
  const walk = await queue.walk(visit, isOver);
  return { ...walk, done, refused, isComplete };
}

/** A span in the order's own trace, whatever happened before; it links to the operator's run, which has its own trace. */
function replay({ letter, send }: HeldLetter, request: Replaying, operator: Span): Promise<void> {
  const { run, by, why, queue } = request;
  const attributes = { "order.id": letter.orderId, "replay.by": by, "replay.run": run, "replay.why": why };
  const settings = {
    kind: SpanKind.PRODUCER,
    attributes,
    parent: parentFrom(letter.traceparent),
    links: [{ context: operator.spanContext() }],
  };
  return inSpan(SPAN_OF.replay[queue], settings, (span) =>
    send({ run, by, why, at: new Date().toISOString(), traceparent: traceparentOf(span) }),
  );
}

/** The last span of the order's own trace: without it the dead letter would seem to be still there. */
function drop(
  { letter }: HeldLetter,
  { by, why, queue }: Change,
  { run, takeOut }: { run: Span; takeOut: () => Promise<void> },
): Promise<void> {
  const settings = {
    attributes: { "order.id": letter.orderId, "drop.by": by, "drop.why": why },
    parent: parentFrom(letter.traceparent),
    links: [{ context: run.spanContext() }],
  };
  return inSpan(SPAN_OF.drop[queue], settings, takeOut);
}

/** Resolves at the requested rate per second. */
function paceOf(request: Change): () => Promise<void> {
  const pause = request.action === "replay" ? 1_000 / request.ratePerSecond : 0;
  let next = performance.now();
  return async () => {
    const wait = next - performance.now();
    next = Math.max(next, performance.now()) + pause;
    if (wait > 0) await sleep(wait);
  };
}
