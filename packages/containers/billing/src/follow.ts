import * as Billing from "@cloud-design/core/billing";
import { LOG_MESSAGES, SPAN_EVENTS, SPAN_NAMES } from "@cloud-design/core/billing/events";
import type { Log } from "@cloud-design/core/log";
import {
  context,
  count,
  fail,
  forOrder,
  note,
  observe,
  observeSince,
  parentFrom,
  type Span,
  SpanKind,
  secondsSince,
  startSpan,
  trace,
} from "@cloud-design/core/telemetry";
import type { ConsumeMessage } from "amqplib";
import type { Outcome } from "./order-recorder.ts";

export interface Followed extends Disposable {
  /** Notes in the trace of each unsettled message which dependency it waits for, and why. */
  waits(error: unknown): void;
  settled(message: ConsumeMessage, outcome: Outcome): void;
}

/** Follows each message of a batch to its outcome: with a span of its order's trace, a log line and metrics. */
export function follow(messages: readonly ConsumeMessage[], log: Log): Followed {
  const hops = new Map(messages.map((message) => [message, begin(message, messages.length)]));
  observe("orders.batch.size", messages.length);
  return {
    waits(error) {
      for (const { span } of hops.values()) note(span, SPAN_EVENTS.waits, error);
    },
    settled(message, outcome) {
      const hop = hops.get(message);
      hops.delete(message);
      if (hop) end(hop, message, outcome, log);
    },
    // Unsettled messages return to the queue for the next consumer.
    [Symbol.dispose]() {
      for (const { span } of hops.values()) span.setAttribute("order.outcome", "given back").end();
    },
  };
}

interface Hop {
  span: Span;
  orderId: string;
  acceptedAt: string | undefined;
}

function begin(message: ConsumeMessage, batchSize: number): Hop {
  const { traceparent, published_at, accepted_at: acceptedAt } = Billing.headersOf(message);
  const orderId = Billing.orderIdOf(Billing.messageIdOf(message));
  observeSince("orders.rabbitmq.wait", published_at);
  const span = startSpan(SPAN_NAMES.processBilling, {
    kind: SpanKind.CONSUMER,
    parent: parentFrom(traceparent),
    attributes: {
      "messaging.system": "rabbitmq",
      "messaging.destination.name": Billing.BILLING_QUEUE,
      "messaging.rabbitmq.redelivered": message.fields.redelivered,
      "order.id": orderId,
      "order.batch_size": batchSize,
    },
  });
  return { span, orderId, acceptedAt };
}

function end({ span, orderId, acceptedAt }: Hop, message: ConsumeMessage, settled: Outcome, log: Log): void {
  const { outcome } = settled;
  count(`orders.${outcome}`);
  if (outcome === "recorded") observeSince("orders.time_to_recorded", acceptedAt);
  span.setAttribute("order.outcome", outcome);
  if (outcome === "rejected") fail(span, new Error(settled.reason));
  // The id of the row. An id that was generated for a message without one is left out, since it refers to nothing else.
  const id = message.properties.messageId ? orderId : undefined;
  context.with(trace.setSpan(context.active(), span), () =>
    forOrder(id, () => {
      if (outcome === "rejected") log.warn({ reason: settled.reason }, LOG_MESSAGES.rejected);
      else log.info({ outcome, seconds: secondsSince(acceptedAt) }, LOG_MESSAGES.recorded);
    }),
  );
  span.end();
}
