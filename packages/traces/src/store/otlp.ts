import * as z from "zod";
import { type Attributes, type AttributeValue, SPAN_KINDS, type Span } from "./span.ts";

/** Limits of one span: more than this project's spans carry, and no more than a screen shows. */
const ATTRIBUTES_MAX = 64;
const EVENTS_MAX = 32;
const LINKS_MAX = 8;
const TEXT_MAX = 1_000;

/** Protobuf's JSON writes 64-bit numbers as text; some senders write numbers. Precise to the microsecond, which is the limit of a double. */
const nanoseconds = z
  .union([z.string().regex(/^\d{1,20}$/), z.number().nonnegative()])
  .transform((time) => Math.round(Number(time) / 1e3) / 1e3);
const text = z.string().transform((value) => value.slice(0, TEXT_MAX));
const traceId = z
  .string()
  .regex(/^[\da-f]{32}$/i)
  .toLowerCase();
const spanId = z
  .string()
  .regex(/^[\da-f]{16}$/i)
  .toLowerCase();

const Value = z.object({
  stringValue: text.optional(),
  intValue: z
    .union([z.string().max(20), z.number()])
    .transform(Number)
    .optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const attributes = z
  .array(z.object({ key: z.string().max(200), value: Value.optional() }))
  .default([])
  .transform(toAttributes);

const OtlpSpan = z.object({
  traceId,
  spanId,
  parentSpanId: z.union([spanId, z.literal("")]).optional(),
  name: text,
  kind: z.int().min(0).max(5).default(0),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  events: z.array(z.object({ name: text, timeUnixNano: nanoseconds, attributes })).default([]),
  links: z.array(z.object({ traceId, spanId })).default([]),
  status: z.object({ code: z.number().default(0), message: text.optional() }).optional(),
});
const Export = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }).optional(),
        scopeSpans: z.array(z.object({ spans: z.array(OtlpSpan).default([]) })).default([]),
      }),
    )
    .default([]),
});

/**
 * The spans of an OTLP/HTTP request in JSON (OTLP 1.x, `ExportTraceServiceRequest`); undefined if the body is not one. Content over the
 * limits is cut; kinds of values that this project does not send are left out.
 */
export function parseExport(body: unknown): Span[] | undefined {
  const { data } = Export.safeParse(body);
  return data?.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(resource?.attributes["service.name"] ?? "unknown");
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => toSpan(span, service)));
  });
}

function toSpan(span: z.output<typeof OtlpSpan>, service: string): Span {
  const { status, startTimeUnixNano: startMs } = span;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentId: span.parentSpanId || undefined,
    service,
    kind: SPAN_KINDS[span.kind] ?? "unspecified",
    name: span.name,
    startMs,
    // If the clock was set back during the span, its duration is zero and not negative.
    endMs: Math.max(startMs, span.endTimeUnixNano),
    attributes: span.attributes,
    events: span.events
      .slice(0, EVENTS_MAX)
      .map(({ name, timeUnixNano, attributes }) => ({ name, atMs: timeUnixNano, attributes })),
    links: span.links.slice(0, LINKS_MAX),
    // OpenTelemetry's STATUS_CODE_ERROR.
    isError: status?.code === 2,
    message: status?.message || undefined,
  };
}

function toAttributes(
  list: readonly { key: string; value?: z.output<typeof Value> | undefined }[],
): Attributes {
  const entries = list.slice(0, ATTRIBUTES_MAX).flatMap(({ key, value = {} }): [string, AttributeValue][] => {
    const known = value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue;
    return known === undefined ? [] : [[key, known]];
  });
  return Object.fromEntries(entries);
}
