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
  /** The parent; defaults to the active context. */
  parent?: Context;
  links?: Link[];
}

/** Runs `work` within a span; a failure of `work` marks the span. */
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

/** A span for work that does not run within one function; the caller must end it. */
export function startSpan(name: string, { kind, attributes, parent, links }: SpanSettings): Span {
  return trace
    .getTracer("cloud-design")
    .startSpan(
      name,
      { kind: kind ?? SpanKind.INTERNAL, attributes: attributes ?? {}, links: links ?? [] },
      parent ?? context.active(),
    );
}

/** Marks a span as failed, with the parts of the error that a log may contain. */
export function fail(span: Span, error: unknown): void {
  const { type, message, code } = loggedError(error);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  span.recordException({
    name: type,
    message: message ?? type,
    ...(code !== undefined && { code: String(code) }),
  });
}

/** Adds an event to a span: something failed, and the work continues. */
export function note(span: Span, event: string, error: unknown): void {
  const { type, message } = loggedError(error);
  span.addEvent(event, {
    "exception.type": type,
    ...(message !== undefined && { "exception.message": message }),
  });
}

/** The context of a W3C `traceparent`, as the parent of a span. When it is malformed or absent, the span begins a new trace. */
export function parentFrom(traceparent: string | undefined): Context {
  return propagation.extract(context.active(), { traceparent: traceparent ?? "" });
}

/** The W3C `traceparent` of a span, to be passed on; undefined when tracing is off. */
export function traceparentOf(span: Span | undefined): string | undefined {
  const of = span?.spanContext();
  if (of === undefined || !trace.isSpanContextValid(of)) return undefined;
  return `00-${of.traceId}-${of.spanId}-${of.traceFlags.toString(16).padStart(2, "0")}`;
}

/** Adds the order id to every log line that `work` writes. */
export function forOrder<T>(orderId: string | undefined, work: () => T): T {
  return context.with(context.active().setValue(ORDER_ID, orderId), work);
}

interface LoggedIds {
  trace_id?: string;
  span_id?: string;
  order_id?: string;
}

/** The ids that every log line has from the work that wrote it. */
export function activeIds(): LoggedIds {
  const orderId = context.active().getValue(ORDER_ID);
  return idsOf(trace.getActiveSpan(), typeof orderId === "string" ? orderId : undefined);
}

/** The same ids for a line about work that is not the active one. */
export function idsOf(span: Span | undefined, orderId: string | undefined): LoggedIds {
  const of = span?.spanContext();
  return {
    ...(of && trace.isSpanContextValid(of) && { trace_id: of.traceId, span_id: of.spanId }),
    ...(orderId !== undefined && { order_id: orderId }),
  };
}
