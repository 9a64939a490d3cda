import * as Billing from "@cloud-design/core/billing";
import { LOG_MESSAGES, SPAN_EVENTS, SPAN_NAMES } from "@cloud-design/core/billing/events";
import type { Log } from "@cloud-design/core/log";
import { writeTogether } from "@cloud-design/core/log-output";
import {
  count,
  fail,
  idsOf,
  note,
  observe,
  observeSince,
  parentFrom,
  type Span,
  SpanKind,
  secondsSince,
  startSpan,
} from "@cloud-design/core/telemetry";
import type { Settlement } from "./order-recorder.ts";

export interface Followed extends Disposable {
  /** Notes in the trace of each unsettled message which dependency it waits for, and why. */
  waits(error: unknown): void;
  /** Reports the outcomes in the next turn of the event loop: meanwhile the next batch is on its way to the database. */
  settled(settlements: readonly Settlement[]): void;
}

/** Follows each message of a batch of one lane to its outcome: with a span of its order's trace, a log line and metrics. */
export function follow(messages: readonly Billing.Delivered[], lane: Billing.Lane, log: Log): Followed {
  const hops = new Map(messages.map((message) => [message, begin(message, lane, messages.length)]));
  observe("orders.batch.size", messages.length);
  return {
    waits(error) {
      for (const { span } of hops.values()) note(span, SPAN_EVENTS.waits, error);
    },
    settled(settlements) {
      const ended: [Hop, Settlement][] = [];
      for (const settlement of settlements) {
        const hop = hops.get(settlement.message);
        hops.delete(settlement.message);
        if (hop) ended.push([hop, settlement]);
      }
      setImmediate(() => {
        try {
          report(ended, log);
        } catch (err) {
          // The orders are stored and acknowledged.
          log.error({ err }, "outcomes were not reported");
        }
      });
    },
    // Unsettled messages return to the queue for the next consumer.
    [Symbol.dispose]() {
      for (const { span } of hops.values()) span.setAttribute("order.outcome", "given back").end();
      hops.clear();
    },
  };
}

interface Hop {
  span: Span;
  lane: Billing.Lane;
  orderId: string;
  acceptedAt: string | undefined;
}

function begin(message: Billing.Delivered, lane: Billing.Lane, batchSize: number): Hop {
  const { traceparent, published_at, accepted_at: acceptedAt } = message.headers;
  const orderId = Billing.orderIdOf(Billing.messageIdOf(message));
  observeSince("orders.rabbitmq.wait", published_at, { lane });
  const span = startSpan(SPAN_NAMES.processBilling, {
    kind: SpanKind.CONSUMER,
    parent: parentFrom(traceparent),
    attributes: {
      "messaging.system": "rabbitmq",
      "messaging.destination.name": Billing.LANES[lane].queue,
      "messaging.rabbitmq.redelivered": message.fields.redelivered,
      "order.id": orderId,
      "order.batch_size": batchSize,
    },
  });
  return { span, lane, orderId, acceptedAt };
}

function report(ended: readonly [Hop, Settlement][], log: Log): void {
  for (const [outcome, { length }] of Map.groupBy(ended, ([, settlement]) => settlement.outcome))
    count(`orders.${outcome}`, length);
  writeTogether(() => {
    for (const [hop, settlement] of ended) end(hop, settlement, log);
  });
}

function end({ span, lane, orderId, acceptedAt }: Hop, settlement: Settlement, log: Log): void {
  const { message, outcome } = settlement;
  const seconds = secondsSince(acceptedAt);
  if (outcome === "recorded" && seconds !== undefined)
    observe("orders.time_to_recorded", Math.max(0, seconds), { lane });
  span.setAttribute("order.outcome", outcome);
  if (outcome === "rejected") fail(span, new Error(settlement.reason));
  // The id of the row. An id that was generated for a message without one is left out, since it refers to nothing else.
  const ids = idsOf(span, message.properties.messageId ? orderId : undefined);
  if (outcome === "rejected") log.warn({ ...ids, lane, reason: settlement.reason }, LOG_MESSAGES.rejected);
  else log.info({ ...ids, lane, outcome, seconds }, LOG_MESSAGES.recorded);
  span.end();
}
