import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TelemetryEnvironment } from "./env.ts";
import { openMeters } from "./meters.ts";
import { watchProcess } from "./process-metrics.ts";
import { openSpanProcessor } from "./span-processor.ts";

/** An exporter that does not answer must not delay the end of a process, which ECS would kill. */
const SHUTDOWN_MS = 2_000;

export interface Telemetry {
  /** Writes the metrics and waits until spans are sent to Lambda's daemon: a function is frozen between two invocations. */
  flush(): Promise<void>;
  /** Sends what is left, within 2 s. Never rejects. */
  shutdown(): Promise<void>;
}

interface TelemetryOptions {
  /** The service's name in traces and metrics. */
  service: string;
  environment: TelemetryEnvironment;
  /** Whether requests come from outside. Their sampling flag is ignored, because traces cost money. */
  isEdge?: boolean;
}

/**
 * Starts OpenTelemetry. Trace ids are always passed on and logged; traces and metrics are exported as the environment
 * says. A failing collector never affects the code. Rejects when the port for Prometheus is taken.
 */
export async function startTelemetry({
  service,
  environment,
  isEdge = false,
}: TelemetryOptions): Promise<Telemetry> {
  const resource = resourceFromAttributes({ "service.name": service });
  const byRatio = new TraceIdRatioBasedSampler(environment.OTEL_TRACES_SAMPLER_ARG);
  const processor = await openSpanProcessor(environment);
  const tracers = new TracerProvider({
    resource,
    sampler: isEdge ? byRatio : new ParentBasedSampler({ root: byRatio }),
    spanProcessors: processor ? [processor] : [],
    // Bounds the attributes of a span, because a caller may send long headers.
    spanLimits: { attributeValueLengthLimit: 1_024 },
  });
  const meters = await openMeters(service, resource, environment);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracers);
  if (meters) metrics.setGlobalMeterProvider(meters);
  // On AWS, CloudWatch measures these itself.
  if (environment.METRICS_PORT !== undefined) watchProcess();
  return {
    async flush() {
      // A collector gets its batches in the background: a function that waited for it would delay its caller.
      const hasCollector = environment.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined;
      await Promise.allSettled([meters?.forceFlush(), hasCollector ? undefined : tracers.forceFlush()]);
    },
    async shutdown() {
      const closing = Promise.allSettled([tracers.shutdown(), meters?.shutdown()]);
      await Promise.race([closing, new Promise((over) => setTimeout(over, SHUTDOWN_MS).unref())]);
    },
  };
}

/** Wraps a Lambda handler so that metrics are written before the process is frozen. */
export function flushed<Arguments extends unknown[], Result>(
  telemetry: Telemetry,
  handler: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  return async (...given) => {
    try {
      return await handler(...given);
    } finally {
      await telemetry.flush();
    }
  };
}
