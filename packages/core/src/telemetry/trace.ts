import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  type Link,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { loggedError } from "../logged-error.ts";

const ORDER_ID = createContextKey("order id");

interface SpanSettings {
  kind?: SpanKind;
  attributes?: Attributes;
  /** What it belongs to; without it, to what is active. */
  parent?: Context;
  links?: Link[];
}

/** A span that is active while `work` runs, and that a failure of `work` marks. */
export async function inSpan<T>(
  name: string,
  settings: SpanSettings,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { parent = context.active(), ...options } = settings;
  const span = startSpan(name, { ...options, parent });
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** A span for work that no one function is around; it must be ended. */
export function startSpan(name: string, { kind, attributes, parent, links }: SpanSettings): Span {
  return trace
    .getTracer("cloud-design")
    .startSpan(
      name,
      { kind: kind ?? SpanKind.INTERNAL, attributes: attributes ?? {}, links: links ?? [] },
      parent ?? context.active(),
    );
}

/** Marks a span with as much of an error as a log may hold. */
export function fail(span: Span, error: unknown): void {
  const { type, message, code } = loggedError(error);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  span.recordException({
    name: type,
    message: message ?? type,
    ...(code !== undefined && { code: String(code) }),
  });
}

/** Writes down on a span that something went wrong on the way, and that the work goes on. */
export function note(span: Span, event: string, error: unknown): void {
  const { type, message } = loggedError(error);
  span.addEvent(event, {
    "exception.type": type,
    ...(message !== undefined && { "exception.message": message }),
  });
}

/** What a W3C `traceparent` names, to be a span's parent. One that is malformed or absent names nothing: the span then begins a trace. */
export function parentFrom(traceparent: string | undefined): Context {
  return propagation.extract(context.active(), { traceparent: traceparent ?? "" });
}

/** The W3C `traceparent` of a span, to be carried on; undefined when nobody traces. */
export function traceparentOf(span: Span | undefined): string | undefined {
  const of = span?.spanContext();
  if (of === undefined || !trace.isSpanContextValid(of)) return undefined;
  return `00-${of.traceId}-${of.spanId}-${of.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Of the work that is being done: on every line of the log that is written meanwhile. */
export function forOrder<T>(orderId: string | undefined, work: () => T): T {
  return context.with(context.active().setValue(ORDER_ID, orderId), work);
}

/** What every line of the log says of the work that wrote it. */
export function activeIds(): { trace_id?: string; span_id?: string; order_id?: string } {
  const orderId = context.active().getValue(ORDER_ID);
  const span = trace.getActiveSpan()?.spanContext();
  return {
    ...(span && trace.isSpanContextValid(span) && { trace_id: span.traceId, span_id: span.spanId }),
    ...(typeof orderId === "string" && { order_id: orderId }),
  };
}
