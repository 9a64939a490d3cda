import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TelemetryEnvironment } from "./env.ts";
import { openMeters } from "./meters.ts";
import { watchProcess } from "./process-metrics.ts";
import { openSpanProcessor } from "./span-processor.ts";

/** An exporter that does not answer may not hold up the end of a process, which ECS kills in the end. */
const SHUTDOWN_MS = 2_000;

export interface Telemetry {
  /** Writes what was measured, and sees off what was sent to Lambda's daemon: a function's process stands still between two invocations. */
  flush(): Promise<void>;
  /** Sends what is left, for 2 s at most. Never fails. */
  shutdown(): Promise<void>;
}

interface TelemetryOptions {
  /** Its name in traces and metrics. */
  service: string;
  environment: TelemetryEnvironment;
  /** Whether requests come from outside, whose wish to be traced costs us money and is not followed. */
  isEdge?: boolean;
}

/**
 * Makes OpenTelemetry's API, which the code speaks to, do something: ids that are carried on and stand in the log always, traces and
 * metrics as the environment says. Nothing that goes wrong with a collector reaches the code. Rejects when the port for Prometheus is taken.
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
    // A caller can write much into a header; what stands in a span is bounded whatever comes.
    spanLimits: { attributeValueLengthLimit: 1_024 },
  });
  const meters = await openMeters(service, resource, environment);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracers);
  if (meters) metrics.setGlobalMeterProvider(meters);
  // CloudWatch has these by itself.
  if (environment.METRICS_PORT !== undefined) watchProcess();
  return {
    async flush() {
      // A collector gets batches in its own time: a function that waited for one would make its caller wait.
      const hasCollector = environment.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined;
      await Promise.allSettled([meters?.forceFlush(), hasCollector ? undefined : tracers.forceFlush()]);
    },
    async shutdown() {
      const closing = Promise.allSettled([tracers.shutdown(), meters?.shutdown()]);
      await Promise.race([closing, new Promise((over) => setTimeout(over, SHUTDOWN_MS).unref())]);
    },
  };
}

/** A function of Lambda that writes its metrics before its process stands still. */
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
