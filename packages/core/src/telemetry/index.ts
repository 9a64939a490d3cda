export { context, propagation, type Span, SpanKind, trace } from "@opentelemetry/api";
export * from "./measure.ts";
export * from "./metrics-table.ts";
export * from "./trace.ts";
