import { SetupError } from "@cloud-design/local/supervisor/part";
import type { Timeline } from "@cloud-design/traces/timeline/timeline";

export type Subject = { orderId: string } | { traceId: string };

/** The timeline, and remarks for the reader about its source. */
export interface Found {
  timeline: Timeline;
  remarks: string[];
}

/** An order id, a trace id, or a whole `traceparent` or `traceresponse` (W3C Trace Context), as it was copied. */
export function parseSubject(given: string | undefined): Subject {
  const text = given?.trim() ?? "";
  const [, traceId = text] = /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/i.exec(text) ?? [];
  if (/^[\da-f]{32}$/i.test(traceId)) return { traceId: traceId.toLowerCase() };
  // The characters of an order id, ours or a foreign message's; they cannot end a query to a database or a log.
  if (/^[\w-]{1,100}$/.test(text)) return { orderId: text };
  throw new SetupError(
    "Name an order, a trace id, or a whole traceresponse: npm run ops -- trace ord_... . The answer to an order has both.",
  );
}

export function spelled(subject: Subject): string {
  return "orderId" in subject ? `order ${subject.orderId}` : `trace ${subject.traceId}`;
}

/** The one order of a trace. A client may send several orders in one trace. */
export function theOrderOf(traceId: string, orderIds: readonly string[]): string | undefined {
  if (orderIds.length <= 1) return orderIds[0];
  throw new SetupError(`The trace ${traceId} holds several orders, name one:\n${orderIds.join("\n")}`);
}
